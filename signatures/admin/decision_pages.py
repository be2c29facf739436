"""Decisions on one signature: whether it counts, and whether its reason is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from signatures import auditing
from signatures.admin.access import acting_organiser
from signatures.admin.review_pages import reason_to_erase
from signatures.models import Organiser, Signature
from signatures.models.choices import AuditAction, NameReview, SignatureState, StateReason, Visibility
from signatures.models.signature import SignatureQuerySet
from signatures.moderating.deciding import approve_reason, erase_reason, move_signature
from signatures.moderating.reviewing import NameDecision, decide_names

# Nobody works through more in a day, and counting all rows of a flood would take seconds.
WAITING_MAX = 1000
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
    **{NAME + review.value: sentence for review, sentence in NAME_DONE.items()},
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
        "decides_name": signature.visibility == Visibility.PUBLIC,
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
    if action == "ERASE" and "sure" not in request.POST:
        return _ask_to_erase(request, pk, organiser)
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


def _ask_to_erase(request: HttpRequest, pk: int, organiser: Organiser) -> HttpResponse:
    signature = Signature.objects.filter(pk=pk, reason__isnull=False).select_related("petition").first()
    if signature is None:
        messages.error(request, gettext("There is no reason any more: its signer has taken it back."))
        return HttpResponseRedirect(reverse("admin:signatures_signature_changelist"))
    auditing.record(actor=organiser, action=AuditAction.NAMES_VIEWED, amount=1, target=pk)
    return reason_to_erase(request, signature)


def _act(request: HttpRequest, pk: int, action: str, organiser: Organiser) -> None:
    if action == "APPROVE":
        approve_reason(pk=pk, seen=_seen(request), actor=organiser)
    elif action == "ERASE":
        erase_reason(pk=pk, seen=_seen(request), actor=organiser)
    elif action.startswith(NAME):
        _decide_name(request, pk, NameReview(action.removeprefix(NAME)), organiser)
    else:
        to = SignatureState(action)
        move_signature(pk=pk, to=to, reason=_reason(request, to), actor=organiser)


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


def tell_what_waits(request: HttpRequest) -> None:
    """Show on the admin's start page how many signatures and reasons await a decision, with links to them."""
    if request.method != "GET" or not request.user.has_perm(f"signatures.{PERMISSION}"):
        return
    held = _bounded(Signature.objects.all().held())
    if held:
        sentence = ngettext(
            "%(n)s signature is held and waits for a decision.",
            "%(n)s signatures are held and wait for a decision.",
            held,
        )
        _tell(request, sentence % {"n": held}, "state__exact=HELD")
    reasons = _bounded(Signature.objects.all().with_reason(approved=False))
    if reasons:
        sentence = ngettext(
            "%(n)s reason for signing waits to be read.", "%(n)s reasons for signing wait to be read.", reasons
        )
        _tell(request, sentence % {"n": reasons}, "reasons=waiting")


def _bounded(rows: SignatureQuerySet) -> int:
    return len(rows.order_by("-id").values_list("pk")[:WAITING_MAX])


def _tell(request: HttpRequest, sentence: str, query: str) -> None:
    link = f"{reverse('admin:signatures_signature_changelist')}?{query}"
    messages.warning(request, format_html('{} <a href="{}">{}</a>', sentence, link, gettext("Open the list")))
