"""The page for erasing the personal data of a campaign that is over."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on, acting_organiser
from signatures.admin.asking import ask_instead
from signatures.approving.gate import NeedsApprovalError
from signatures.models import Delivery, Petition
from signatures.models.audit import REASON_LENGTH_MAX
from signatures.models.choices import DeliveryState, PetitionStatus
from signatures.models.rights import petitions_where
from signatures.moderating.purging import WARNED_BEFORE, holdings_of, purge_petition


class PurgeForm(forms.Form):
    """Asks for the petition's slug as confirmation, and for the reason."""

    typed = forms.CharField(
        label=_("Type the petition's address"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.CharField(
        label=_("Why is it erased?"),
        help_text=_("Kept in the audit log. Write no names of signers here."),
        max_length=REASON_LENGTH_MAX,
    )

    def __init__(self, *args: Any, petition: Petition, **kwargs: Any) -> None:
        """Remember the petition, whose slug must be typed."""
        super().__init__(*args, **kwargs)
        self.petition = petition

    def clean_typed(self) -> str:
        """Return the typed slug; reject any other than the petition's."""
        typed: str = self.cleaned_data["typed"]
        if typed != self.petition.slug:
            raise forms.ValidationError(gettext("This is not the address of this petition."))
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def purge(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how much would be erased, or erase it.

    :raises PermissionDenied: if the organiser may not erase
    """
    organiser, petition = acting_on(request, "purge_petition", pk)
    form = PurgeForm(request.POST if request.method == "POST" else None, petition=petition)
    if request.method == "POST" and form.is_valid():
        try:
            purge_petition(petition=petition, reason=form.cleaned_data["reason"], actor=organiser)
        except NeedsApprovalError as error:
            return ask_instead(request, error, organiser)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("The personal data of all signers is erased. Numbers and texts stay."))
            return HttpResponseRedirect(reverse("admin:signatures_petition_change", args=[pk]))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Erase the signers' personal data"),
        "petition": petition,
        "held": holdings_of(petition),
        "unfinished": Delivery.objects.to_hand_over().filter(petition=petition, state=DeliveryState.PREPARED).count(),
        "is_closed": petition.status == PetitionStatus.CLOSED,
        "form": form,
        "opts": Petition._meta,
    }
    return render(request, "admin/purge.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else 200)


def warn_of_erasure(request: HttpRequest, besides: Sequence[int] = ()) -> None:
    """Warn on an admin page of petitions whose signers' personal data will be erased soon.

    :param besides: row numbers of petitions that the page warns of by itself
    """
    if request.method != "GET":
        return
    seen = petitions_where(acting_organiser(request), "view_petition")
    for petition in seen.exclude(pk__in=besides).to_erase_within(WARNED_BEFORE):
        if petition.erase_on is not None:
            sentence = gettext("On %(day)s (UTC) everything stored of the signers of “%(petition)s” will be erased.")
            messages.warning(request, sentence % {"day": date_format(petition.erase_on), "petition": petition})
