"""The page of one's own account: which roles it has, and its language; and what was done to it by others."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.role_words import role_name, site_role
from signatures.languages import language_choices
from signatures.models import AccessLink, Organiser
from signatures.models.access_link import LinkKind
from signatures.safeguarding.accounts import change_account


def account_languages() -> list[tuple[str, str]]:
    """Return the languages that an account may have, and that it may leave to the browser."""
    return [("", str(_("As the browser asks"))), *language_choices()]


class LanguageForm(forms.Form):
    """Asks for the language in which the desk speaks to an account."""

    language = forms.ChoiceField(label=_("Language of the desk"), choices=account_languages, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def own_account(request: HttpRequest) -> HttpResponse:
    """Show what one's own account may do, and change its language.

    :raises PermissionDenied: if nobody is logged in
    """
    organiser = acting_organiser(request)
    form = LanguageForm(request.POST if request.method == "POST" else None, initial={"language": organiser.language})
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        change_account(account=organiser, language=language, actor=organiser)
        with translation.override(language or translation.get_language()):
            messages.success(request, gettext("Saved."))
        return HttpResponseRedirect(reverse("admin:account"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Your account"),
        "form": form,
        "account": organiser,
        "site_role": site_role(organiser),
        "memberships": [
            (membership.petition, role_name(membership.role.name))
            for membership in organiser.memberships.select_related("petition", "role").order_by("-petition")
        ],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/own_account.html", context, status=status)


def tell_of_links(request: HttpRequest) -> None:
    """Tell on the first page of the desk who made the link by which this account's password was lately set."""
    if request.method != "GET" or not isinstance(request.user, Organiser):
        return
    links = AccessLink.objects.filter(account=request.user).to_tell().select_related("made_by")
    for link in links:
        told = _told(link)
        values = {"name": link.made_by, "made": _instant(link.made_at), "used": _instant(link.used_at)}
        if link.kind == LinkKind.RESET:
            messages.warning(request, told % values)
        else:
            messages.info(request, told % values)


def _told(link: AccessLink) -> str:
    if link.kind == LinkKind.INVITATION:
        return gettext(
            "%(name)s invited you on %(made)s UTC, and the password of this account was set on %(used)s UTC."
        )
    if link.made_by is None:
        return gettext(
            "On %(made)s UTC a link for a new password of this account was made on the server, and on %(used)s UTC the"
            " password was set by it. If that was not you, tell an administrator now."
        )
    return gettext(
        "On %(made)s UTC %(name)s made a link for a new password of this account, and on %(used)s UTC the password was"
        " set by it. If that was not you, tell another administrator now."
    )


def _instant(instant: object) -> str:
    return date_format(instant, "SHORT_DATETIME_FORMAT")  # type: ignore[arg-type]
