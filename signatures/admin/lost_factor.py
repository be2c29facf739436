"""The page on which an administrator removes the second factor of somebody who has lost it, and what the owner sees."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser, has_shown_factor
from signatures.admin.half_way import is_proof_fresh, lead_on, page_context
from signatures.admin.second_factor_forms import WhyForm
from signatures.models import Organiser
from signatures.models.second_factor import has_second_factor
from signatures.safeguarding.second_factors import remove_all_factors, removed_by_somebody_else


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def remove_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why somebody's factors shall go, and remove them.

    :raises PermissionDenied: if the organiser may not change that account, or it is their own
    """
    actor = acting_organiser(request, "change_organiser")
    account = get_object_or_404(Organiser, pk=pk)
    if account == actor or not actor.may_change(account):
        raise PermissionDenied
    if not is_proof_fresh(request, actor):
        return lead_on(request, actor)
    page = reverse("admin:signatures_organiser_change", args=[pk])
    if not has_second_factor(account):
        messages.warning(request, gettext("This account has no second factor."))
        return HttpResponseRedirect(page)
    form = WhyForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        remove_all_factors(actor=actor, account=account, reason=form.cleaned_data["reason"])
        messages.success(request, gettext("The second factor is removed, and the account is logged out everywhere."))
        return HttpResponseRedirect(page)
    context = page_context(request, gettext("Remove the second factor"), form=form, account=account, page=page)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/second_factor/remove_of.html", context, status=status)


def tell_who_removed_factor(request: HttpRequest) -> None:
    """Tell on the first page of the desk who has removed the owner's factor, until another is added."""
    if request.method != "GET" or not isinstance(request.user, Organiser) or has_shown_factor(request.user):
        return
    entry = removed_by_somebody_else(request.user)
    if entry is None:
        return
    values = {"who": entry.actor or "", "day": date_format(entry.at, "SHORT_DATETIME_FORMAT")}
    if entry.actor is None:
        told = gettext("Your second factor was removed on the server, on %(day)s (UTC).") % values
    else:
        told = gettext("Your second factor was removed by %(who)s, on %(day)s (UTC).") % values
    messages.warning(request, told)
