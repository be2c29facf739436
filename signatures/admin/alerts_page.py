"""The page on which organisers choose what they are told by mail; each for their own account."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.alert_forms import AlertsForm, kinds_for, shortened
from signatures.languages import offered
from signatures.mailing.alert_wishes import address_of, confirm_alerts, end_alerts, wish_for_alerts
from signatures.models import AlertWish, Organiser
from signatures.signing.forms import CodeForm

SAVE, CONFIRM, END = "save", "confirm", "end"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def alerts(request: HttpRequest) -> HttpResponse:
    """Show what the organiser is told and where, or carry out one of the page's three forms.

    :raises PermissionDenied: if nobody is logged in
    :raises BadRequest: if there is no such form
    """
    organiser = acting_organiser(request)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    wish = AlertWish.objects.filter(organiser=organiser).first()
    address = address_of(wish) if wish is not None else None
    kinds = kinds_for(organiser)
    form = AlertsForm(
        request.POST if action == SAVE else None,
        kinds=kinds,
        has_address=address is not None,
        initial={"kinds": wish.kinds if wish is not None else []},
    )
    code_form = CodeForm(request.POST if action == CONFIRM else None)
    if request.method == "POST":
        if action not in {SAVE, CONFIRM, END}:
            raise BadRequest
        if _act(request, organiser, form, code_form):
            return HttpResponseRedirect(reverse("admin:alerts"))
    is_wrong = form.errors if action == SAVE else code_form.errors
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Alerts by mail"),
        "form": form,
        "code_form": code_form,
        "wish": wish,
        "address": shortened(address) if address is not None else "",
        "may_hear": bool(kinds),
    }
    return render(
        request, "admin/alerts.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    )


def _act(request: HttpRequest, organiser: Organiser, form: AlertsForm, code_form: CodeForm) -> bool:
    """Carry out the form that was sent, and return whether it could be."""
    if form.is_bound:
        return form.is_valid() and _save(request, organiser, form)
    if code_form.is_bound:
        return code_form.is_valid() and _confirm(request, organiser, code_form)
    end_alerts(actor=organiser)
    messages.success(request, gettext("The alerts have ended. Your address is deleted."))
    return True


def _save(request: HttpRequest, organiser: Organiser, form: AlertsForm) -> bool:
    address = form.cleaned_data["email"]
    language = offered(get_language() or "")
    try:
        wish_for_alerts(kinds=form.cleaned_data["kinds"], address=address or None, language=language, actor=organiser)
    except ValidationError as error:
        form.add_error("email", error)
        return False
    messages.success(request, gettext("Saved."))
    return True


def _confirm(request: HttpRequest, organiser: Organiser, form: CodeForm) -> bool:
    try:
        confirm_alerts(code=form.cleaned_data["code"], actor=organiser)
    except ValidationError as error:
        form.add_error("code", error)
        return False
    messages.success(request, gettext("The address is confirmed. From now on you are told."))
    return True
