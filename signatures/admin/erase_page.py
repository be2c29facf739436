"""The page for erasing one signature in its signer's place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_organiser
from signatures.admin.asking import ask_instead
from signatures.admin.decision_pages import GONE, may_act_on_signature
from signatures.admin.shown_rows import kept_filters, list_path, with_filters
from signatures.admin.signature_facts import change_path, facts_of
from signatures.approving.gate import NeedsApprovalError
from signatures.auditing.looks import NamesPage, record_look
from signatures.models import Delivery, Organiser, Signature
from signatures.models.choices import ErasureReason, SignatureState, StateReason, Visibility
from signatures.models.delivery import HandOver
from signatures.signing.erasing import SeenSignature, erase_signature

PERMISSION = "erase_signature"


class EraseForm(forms.Form):
    """Asks why, and whether it is certain whose signature this is; remembers what of it was seen."""

    reason = forms.ChoiceField(label=_("Why is it erased?"), widget=forms.RadioSelect)
    is_certain = forms.BooleanField(
        label=_("I am certain that this is the signature of the person who asks, and of nobody else.")
    )
    last_confirmed_at = forms.DateTimeField(widget=forms.HiddenInput)
    visibility = forms.ChoiceField(choices=Visibility.choices, widget=forms.HiddenInput)

    def __init__(self, data: Any, signature: Signature) -> None:
        """Offer the reasons that such a signature can have."""
        seen = {"last_confirmed_at": signature.last_confirmed_at.isoformat(), "visibility": signature.visibility}
        super().__init__(data, initial=seen, label_suffix="")
        unfit = ErasureReason.MAILBOX_LOST if signature.email_key is None else ErasureReason.NO_ADDRESS
        reasons = [(one.value, one.label) for one in ErasureReason if one != unfit]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]

    @property
    def seen(self) -> SeenSignature:
        """Return what was seen of the signature."""
        return SeenSignature(self.cleaned_data["last_confirmed_at"], Visibility(self.cleaned_data["visibility"]))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be erased, or erase it.

    :raises PermissionDenied: if the organiser may not erase
    """
    organiser = acting_organiser(request, PERMISSION)
    filters = kept_filters(request)
    signature = Signature.objects.select_related("petition", "text_version").filter(pk=pk).first()
    if signature is None or not may_act_on_signature(organiser, PERMISSION, pk):
        messages.error(request, str(GONE))
        return HttpResponseRedirect(list_path(filters))
    form = EraseForm(request.POST if request.method == "POST" else None, signature)
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(_erase(request, pk, form, organiser, filters))
        except NeedsApprovalError as error:
            return ask_instead(request, error, organiser)
    record_look(actor=organiser, page=NamesPage.ERASURE, petition=signature.petition, amount=1, target=pk)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Erase signature %(number)s") % {"number": pk},
        "signature": signature,
        "facts": facts_of(signature),
        "has_reason": bool(signature.reason),
        "has_address": signature.email_key is not None,
        "counts": signature.state == SignatureState.CONFIRMED,
        "leaves_mark": _leaves_mark(signature),
        "hand_overs": _hand_overs(signature),
        "backup_days": settings.BACKUP_DAYS,
        "list_url": list_path(filters),
        "back_url": with_filters(change_path(pk), filters),
        "form": form,
        "opts": Signature._meta,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/erase_signature.html", context, status=status)


def _erase(request: HttpRequest, pk: int, form: EraseForm, organiser: Organiser, filters: str) -> str:
    """Erase it, and return the path that follows."""
    reason = ErasureReason(form.cleaned_data["reason"])
    try:
        erase_signature(pk=pk, seen=form.seen, reason=reason, actor=organiser)
    except Signature.DoesNotExist:
        messages.error(request, str(GONE))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return request.get_full_path()
    else:
        messages.success(
            request,
            gettext("Signature %(number)s is erased. It counts as withdrawn, as if its signer had done it.")
            % {"number": pk},
        )
    return list_path(filters)


def _leaves_mark(signature: Signature) -> bool:
    """Return whether its address stays removed or held, as after withdrawing."""
    is_stopped = signature.state != SignatureState.CONFIRMED and not (
        signature.state == SignatureState.HELD and signature.state_reason == StateReason.HONEYPOT
    )
    return is_stopped and signature.email_key is not None


def _hand_overs(signature: Signature) -> list[HandOver]:
    """Return the lists that may hold the name: those of the petition since the day it was first confirmed."""
    first = signature.first_confirmed_at.date()
    lists = Delivery.objects.hand_overs(signature.petition, (get_language() or "en")[:2])
    return [one for one in lists if one.day >= first]
