"""Decisions on one signature: whether it counts, and whether its reason is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from signatures.admin.access import acting_organiser
from signatures.models import Organiser, Signature
from signatures.models.choices import SignatureState, StateReason
from signatures.moderating.deciding import approve_reason, erase_reason, move_signature

PERMISSION = "moderate_signatures"
DONE = {
    SignatureState.CONFIRMED.value: _("The signature counts now."),
    SignatureState.HELD.value: _("The signature is held and does not count."),
    SignatureState.REMOVED.value: _("The signature is removed and does not count."),
    "APPROVE": _("The reason is shown beside the name now."),
    "ERASE": _("The reason is erased."),
}


class StateForm(forms.Form):
    """Asks why a signature shall not count; the answer is a code, so that nothing personal is written down."""

    state_reason = forms.ChoiceField(
        label=_("Why it should not count"),
        choices=[("", "—"), *((code.value, code.label) for code in StateReason if code != StateReason.HONEYPOT)],
    )


def decision_context(signature: Signature) -> dict[str, Any]:
    """Return the template context for offering decisions on a signature."""
    return {
        "state_form": StateForm(),
        "counts": signature.state == SignatureState.CONFIRMED,
        "holds": [state for state in (SignatureState.HELD, SignatureState.REMOVED) if state != signature.state],
    }


@require_POST
@cache_control(no_store=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out the submitted decision and redirect back.

    :raises PermissionDenied: if the organiser may not decide
    :raises BadRequest: if there is no such decision
    """
    organiser = acting_organiser(request, PERMISSION)
    action = request.POST.get("action", "")
    if action not in DONE:
        raise BadRequest
    try:
        _act(request, pk, action, organiser)
    except Signature.DoesNotExist:
        messages.error(request, gettext("There is no such signature any more: its signer has withdrawn it."))
        return HttpResponseRedirect(reverse("admin:signatures_signature_changelist"))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        messages.success(request, str(DONE[action]))
    return HttpResponseRedirect(reverse("admin:signatures_signature_change", args=[pk]))


def _act(request: HttpRequest, pk: int, action: str, organiser: Organiser) -> None:
    if action == "APPROVE":
        approve_reason(pk=pk, seen=_seen(request), actor=organiser)
    elif action == "ERASE":
        erase_reason(pk=pk, seen=_seen(request), actor=organiser)
    else:
        to = SignatureState(action)
        move_signature(pk=pk, to=to, reason=_reason(request, to), actor=organiser)


def _seen(request: HttpRequest) -> str:
    # Browsers send line breaks as CR LF.
    return request.POST.get("seen", "").replace("\r\n", "\n")


def _reason(request: HttpRequest, to: SignatureState) -> StateReason | None:
    if to == SignatureState.CONFIRMED:
        return None
    form = StateForm(request.POST)
    if not form.is_valid():
        raise ValidationError(gettext("Choose why it should not count."))
    return StateReason(form.cleaned_data["state_reason"])
