"""Decisions on one signature: whether it counts, and whether its reason is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from signatures.admin.access import acting_organiser, require_right
from signatures.admin.review_pages import reason_to_erase
from signatures.admin.shown_rows import kept_filters, list_path, with_filters
from signatures.auditing.looks import NamesPage, record_look
from signatures.models import Organiser, Signature
from signatures.models.choices import NameReview, SignatureState, StateReason, Visibility
from signatures.moderating.deciding import approve_reason, erase_reason, move_signature
from signatures.moderating.reviewing import NameDecision, decide_names

PERMISSION = "moderate_signatures"
# The action that decides on the name ends with what holds for it from then on.
NAME = "NAME_"
NAME_DONE = {
    NameReview.OK: _("The name may be shown now."),
    NameReview.HIDDEN: _("The name is hidden now. The signature goes on as before."),
}
DONE = {
    SignatureState.CONFIRMED.value: _("The signature counts now."),
    SignatureState.HELD.value: _("The signature is held and does not count."),
    SignatureState.REMOVED.value: _("The signature is removed and does not count."),
    "APPROVE": _("The reason is shown beside the name now."),
    "ERASE": _("The reason is erased."),
    "UNDO": _("Taken back: the signature is what it was before."),
    **{NAME + review.value: sentence for review, sentence in NAME_DONE.items()},
}
GONE = _("There is no such signature any more: its signer has withdrawn it, or it was erased.")
# What was decided last, until the next page has told it.
TOLD = "decided"
UNDO_SALT = "a decision that can be taken back"
UNDO_SECONDS = 24 * 60 * 60
# Those that organisers give; the trap's is its own.
REASONS = [code for code in StateReason if code != StateReason.HONEYPOT]


class StateForm(forms.Form):
    """Asks why a signature shall not count; the answer is a code, so that nothing personal is written down."""

    state_reason = forms.ChoiceField(
        label=_("Why it should not count"),
        choices=[(code.value, code.label) for code in REASONS],
        initial=StateReason.SUSPICIOUS.value,
    )


def decision_context(signature: Signature, filters: str) -> dict[str, Any]:
    """Return the template context for offering decisions on a signature.

    :param filters: the query of the list that the organiser came from
    """
    return {
        "state_form": StateForm(),
        "reasons": REASONS,
        "counts": signature.state == SignatureState.CONFIRMED,
        "decides_name": signature.visibility == Visibility.PUBLIC,
        "is_held": signature.state == SignatureState.HELD,
        "is_removed": signature.state == SignatureState.REMOVED,
        "decide_url": with_filters(reverse("admin:signature_decide", args=[signature.pk]), filters),
    }


def told_context(request: HttpRequest, filters: str) -> dict[str, Any]:
    """Return the context for telling once what was decided last, with a button that takes it back."""
    told = request.session.pop(TOLD, None)
    if told is None:
        return {}
    pk = told["pk"]
    return {
        "told": {
            **told,
            "sentence": DONE[told["action"]],
            "url": with_filters(reverse("admin:signatures_signature_change", args=[pk]), filters),
            "undo_url": with_filters(reverse("admin:signature_decide", args=[pk]), filters),
        }
    }


def may_act_on_signature(organiser: Organiser, permission: str, pk: int) -> bool:
    """Return whether there is a signature that an organiser may act on; one of a foreign petition is as one withdrawn.

    :raises PermissionDenied: if it belongs to a petition that they know, but the permission is missing there
    """
    petition_id = Signature.objects.filter(pk=pk).values_list("petition_id", flat=True).first()
    if petition_id is None:
        return False
    try:
        require_right(organiser, permission, petition_id)
    except Http404:
        return False
    return True


@require_POST
@cache_control(no_store=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out the submitted decision, and redirect back to where it was taken: the list, or the signature's page.

    :raises PermissionDenied: if the organiser may not decide
    :raises BadRequest: if there is no such decision
    """
    organiser = acting_organiser(request, PERMISSION)
    action = request.POST.get("action", "")
    if action not in DONE:
        raise BadRequest
    filters = kept_filters(request)
    if not may_act_on_signature(organiser, PERMISSION, pk):
        messages.error(request, str(GONE))
        return HttpResponseRedirect(list_path(filters))
    here = HttpResponseRedirect(with_filters(reverse("admin:signatures_signature_change", args=[pk]), filters))
    there = HttpResponseRedirect(list_path(filters))
    if action == "ERASE" and "sure" not in request.POST:
        return _ask_to_erase(request, pk, organiser)
    try:
        undo = _act(request, pk, action, organiser)
    except Signature.DoesNotExist:
        messages.error(request, str(GONE))
        return there
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return here
    if undo is None:
        messages.success(request, str(DONE[action]))
        return there if action == "UNDO" else here
    request.session[TOLD] = {"pk": pk, "action": action, "undo": undo}
    return there


def _ask_to_erase(request: HttpRequest, pk: int, organiser: Organiser) -> HttpResponse:
    signature = Signature.objects.filter(pk=pk, reason__isnull=False).select_related("petition").first()
    if signature is None:
        messages.error(request, gettext("There is no reason any more: its signer has taken it back."))
        return HttpResponseRedirect(reverse("admin:signatures_signature_changelist"))
    record_look(actor=organiser, page=NamesPage.REASON_ERASURE, petition=signature.petition, amount=1, target=pk)
    return reason_to_erase(request, signature)


def _act(request: HttpRequest, pk: int, action: str, organiser: Organiser) -> str | None:
    """Carry out a decision, and return by what it can be taken back, if it can."""
    if action == "APPROVE":
        approve_reason(pk=pk, seen=_seen(request), actor=organiser)
        return None
    if action == "ERASE":
        erase_reason(pk=pk, seen=_seen(request), actor=organiser)
        return None
    if action == "UNDO":
        _undo(request, pk, organiser)
        return None
    if action.startswith(NAME):
        _decide_name(request, pk, NameReview(action.removeprefix(NAME)), organiser)
        return None
    to = SignatureState(action)
    state, reason = move_signature(pk=pk, to=to, reason=_reason(request, to), actor=organiser)
    return signing.dumps([pk, to.value, state.value, reason and reason.value], salt=UNDO_SALT)


def _undo(request: HttpRequest, pk: int, organiser: Organiser) -> None:
    try:
        of, moved_to, back_to, reason = signing.loads(
            request.POST.get("undo", ""), salt=UNDO_SALT, max_age=UNDO_SECONDS
        )
    except signing.BadSignature:
        raise BadRequest from None
    if of != pk:
        raise BadRequest
    move_signature(
        pk=pk,
        to=SignatureState(back_to),
        reason=StateReason(reason) if reason else None,
        actor=organiser,
        only_from=SignatureState(moved_to),
    )


def _decide_name(request: HttpRequest, pk: int, to: NameReview, organiser: Organiser) -> None:
    signature = Signature.objects.select_related("petition").get(pk=pk)
    was = request.POST.get("was", "")
    decision = NameDecision(_seen(request), to, NameReview(was if was in NameReview.values else NameReview.WAITING))
    done = decide_names(petition=signature.petition, decisions={pk: decision}, actor=organiser)
    if not done.decided:
        raise ValidationError(gettext("The name has changed since you opened this page. Please look again."))


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
