"""The page of the emergency switches: what is on, since when and why, and turning each on and off."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.account_forms import ReasonForm
from signatures.admin.half_way import is_proof_fresh, lead_on
from signatures.models import Organiser, Switch
from signatures.models.switch import SwitchName
from signatures.safeguarding.switches import turn_off, turn_on
from signatures.safeguarding.web_cache import empty_web_cache

PERMISSION = "use_switches"
ON, OFF, PURGE = "on", "off", "purge"
EXPLAINED = {
    SwitchName.HIDE_NAMES: _(
        "No public page shows the name of a signer or a reason for signing. Everything else goes on: people sign, and"
        " you see the names at the desk and hand lists over."
    ),
    SwitchName.READ_ONLY: _(
        "Visitors can read, and every form says that nothing is taken; what they typed stays in it. No mail is sent."
        " At the desk you can read, and do nothing but what accounts and these switches need. What must be erased in"
        " time is erased."
    ),
    SwitchName.CLOSED: _(
        "In place of every public page stands one that says so, in each language. No mail is sent. The desk works."
    ),
}


class TurnForm(ReasonForm):
    """Asks which switch is turned, and why."""

    name = forms.ChoiceField(choices=SwitchName.choices, widget=forms.HiddenInput)
    turn = forms.ChoiceField(choices=[(ON, ON), (OFF, OFF)], widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def switches(request: HttpRequest) -> HttpResponse:
    """Show the switches, or turn one after a proof that is fresh.

    :raises PermissionDenied: if the organiser may not use them
    """
    organiser = acting_organiser(request, PERMISSION)
    # Asked before the page is shown, too, so that nothing is in the way when there is no time.
    if not is_proof_fresh(request, organiser):
        return lead_on(request, organiser)
    if request.method != "POST":
        return _show(request, None)
    if PURGE in request.POST:
        _purge(request)
        return HttpResponseRedirect(reverse("admin:switches"))
    form = TurnForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    _turn(request, form, organiser)
    return HttpResponseRedirect(reverse("admin:switches"))


def _turn(request: HttpRequest, form: TurnForm, organiser: Organiser) -> None:
    name, reason = SwitchName(form.cleaned_data["name"]), form.cleaned_data["reason"]
    if form.cleaned_data["turn"] == ON:
        turn_on(name=name, reason=reason, actor=organiser)
        empty_web_cache()
        said = gettext("“%(name)s” is on. Every page follows within two seconds.")
    else:
        turn_off(name=name, reason=reason, actor=organiser)
        said = gettext("“%(name)s” is off. Every page follows within two seconds.")
    messages.success(request, said % {"name": name.label})


def _purge(request: HttpRequest) -> None:
    if empty_web_cache():
        messages.success(request, gettext("The web server’s cache is empty."))
    else:
        failed = gettext("The web server’s cache could not be emptied. What it holds is over in a few seconds.")
        messages.error(request, failed)


def _show(request: HttpRequest, form: TurnForm | None) -> HttpResponse:
    on = {switch.name: switch for switch in Switch.objects.select_related("actor")}
    context = {
        **admin.site.each_context(request),
        "title": gettext("Emergency switches"),
        "rows": [_row(name, on.get(name), form) for name in SwitchName],
        "can_purge": bool(settings.WEB_CACHE_OFF_FILE),
    }
    status = HTTPStatus.OK if form is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "admin/switches.html", context, status=status)


def _row(name: SwitchName, switch: Switch | None, sent: TurnForm | None) -> dict[str, Any]:
    initial = {"name": name.value, "turn": OFF if switch else ON}
    form = TurnForm(initial=initial, auto_id=f"id_{name.value}_%s")
    if sent is not None and sent.data.get("name") == name.value:
        form = TurnForm(sent.data, auto_id=f"id_{name.value}_%s")
    return {"name": name, "explained": EXPLAINED[name], "switch": switch, "form": form}
