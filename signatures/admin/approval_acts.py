"""Carries out exactly what a second person has agreed to; each action uses the agreement up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from signatures.admin.exporting import stream_export
from signatures.admin.going_on import reason_to_stop
from signatures.admin.hand_over_forms import PackageForm
from signatures.admin.hand_over_page import ZIP, stream
from signatures.approving.gate import end_used
from signatures.delivering.actions import prepare_delivery
from signatures.delivering.artifacts import content_type_of
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_file, start_package
from signatures.delivering.preview import Choices
from signatures.models import Approval, Delivery, Organiser, Recipient, Signature
from signatures.models.choices import ApprovalKind, BatchAction, ErasureReason, StateReason
from signatures.moderating.batches import start_batch, undo_batch
from signatures.moderating.purging import purge_petition
from signatures.signing.erasing import CHANGED, erase_signature, seen_of


def carry_out(request: HttpRequest, approval: Approval, organiser: Organiser) -> HttpResponseBase:
    """Do what was agreed to, and answer with the file, or lead to the page where it shows.

    :raises NeedsApprovalError: if it was done already, or something has changed since
    :raises ValidationError: if it cannot be done any more
    """
    answer = ACTS[ApprovalKind(approval.kind)](request, approval, approval.parameters["what"], organiser)
    end_used(approval)
    return answer


def password_form(approval: Approval, data: Any = None) -> PackageForm | None:
    """Return the form for the password of an encrypted package, which is kept nowhere and so is asked for again."""
    if approval.kind != ApprovalKind.FILES or not approval.parameters["what"].get("encrypted"):
        return None
    form = PackageForm(data)
    form.fields["password"].required = True
    form.fields["password"].label = gettext("Password for the ZIP")
    return form


def _export(request: HttpRequest, approval: Approval, what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    layout = Layout(what["language"], what["delimiter"], latin=what["latin"], order=what["order"])
    recipient = Recipient.objects.select_related("petition").get(pk=what["recipient"], petition=approval.petition_id)
    stop = reason_to_stop(request, "export_signatures", approval.petition_id)
    return stream_export(recipient, layout, approval.reason, actor, stop)


def _hand_over(request: HttpRequest, approval: Approval, what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    choices = Choices(
        recipient=Recipient.objects.get(pk=what["recipient"], petition=approval.petition_id),
        cut_off=datetime.fromisoformat(what["cut_off"]),
        with_workbook=what["workbook"],
        with_petitioner=what["petitioner"],
        **{
            name: what[name]
            for name in ("only_new", "language", "delimiter", "order", "with_latin", "by_country", "with_document")
        },
    )
    made = prepare_delivery(choices=choices, reason=approval.reason, actor=actor)
    messages.success(request, gettext("The hand-over is prepared. Download the files now."))
    return HttpResponseRedirect(reverse("admin:signatures_delivery_change", args=[made.pk]))


def _files(request: HttpRequest, approval: Approval, what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    delivery = Delivery.objects.with_text_languages().select_related("recipient").get(pk=approval.target)
    stop = reason_to_stop(request, "hand_over_list", approval.petition_id)
    if "encrypted" not in what:
        name = what["file"]
        return stream(start_file(delivery=delivery, name=name, actor=actor, stop=stop), name, content_type_of(name))
    form = password_form(approval, request.POST)
    password = form.cleaned_data["password"] if form is not None and form.is_valid() else ""
    chunks = start_package(delivery=delivery, actor=actor, password=password, stop=stop)
    return stream(chunks, f"{delivery.petition.slug}-{delivery.pk}.zip", ZIP)


def _erase_all(request: HttpRequest, approval: Approval, _what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    purge_petition(petition=approval.petition, reason=approval.reason, actor=actor)
    messages.success(request, gettext("The personal data of all signers is erased. Numbers and texts stay."))
    return HttpResponseRedirect(reverse("admin:signatures_petition_change", args=[approval.petition_id]))


def _erase_one(request: HttpRequest, approval: Approval, what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    pk = what["signature"]
    seen = seen_of(Signature.objects.get(pk=pk, petition=approval.petition_id))
    # Also where the petition asks for no second person any more.
    if seen.mark(pk) != what["seen"]:
        raise ValidationError(str(CHANGED))
    erase_signature(pk=pk, seen=seen, reason=ErasureReason(approval.reason), actor=actor)
    sentence = gettext("Signature %(number)s is erased. It counts as withdrawn, as if its signer had done it.")
    messages.success(request, sentence % {"number": pk})
    return HttpResponseRedirect(reverse("admin:approvals"))


def _remove(_request: HttpRequest, approval: Approval, what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    start_batch(pk=what["rule"], action=BatchAction.REMOVE, reason=StateReason(approval.reason), actor=actor)
    return _rule(approval)


def _undo(_request: HttpRequest, approval: Approval, what: dict[str, Any], actor: Organiser) -> HttpResponseBase:
    undo_batch(pk=what["rule"], actor=actor)
    return _rule(approval)


def _setting(_request: HttpRequest, approval: Approval, _what: dict[str, Any], _actor: Organiser) -> HttpResponseBase:
    # It holds since it was agreed to.
    return HttpResponseRedirect(reverse("admin:signatures_petition_change", args=[approval.petition_id]))


def _rule(approval: Approval) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:petition_batch", args=[approval.petition_id, approval.target]))


ACTS: dict[ApprovalKind, Callable[[HttpRequest, Approval, dict[str, Any], Organiser], HttpResponseBase]] = {
    ApprovalKind.EXPORT: _export,
    ApprovalKind.HAND_OVER: _hand_over,
    ApprovalKind.FILES: _files,
    ApprovalKind.ERASE_ALL: _erase_all,
    ApprovalKind.ERASE_ONE: _erase_one,
    ApprovalKind.REMOVE: _remove,
    ApprovalKind.UNDO: _undo,
    ApprovalKind.SETTING: _setting,
}
