"""Preparing hand-overs: the checklist, the list of all hand-overs, and the lead petitioner."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures import auditing
from signatures.admin import file_checks, hand_over_page
from signatures.admin.access import acting_on
from signatures.admin.asking import ask_instead
from signatures.admin.hand_over_forms import HandOverForm, LeadPetitionerForm
from signatures.admin.of_petition import OfPetition, PetitionFilter
from signatures.admin.readonly import ReadOnlyAdmin
from signatures.admin.titles import TitledAdmin
from signatures.approving.gate import NeedsApprovalError
from signatures.delivering.actions import prepare_delivery
from signatures.delivering.columns import Layout, header
from signatures.delivering.letter import petitioner_in_letter
from signatures.delivering.preview import Changes, Choices, Numbers, preview_delivery
from signatures.models import Delivery, LeadPetitioner, Organiser, Petition
from signatures.models.choices import AuditAction, Profile

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


@admin.register(Delivery)
class DeliveryAdmin(OfPetition, TitledAdmin, ReadOnlyAdmin):
    """The hand-overs of all petitions."""

    list_title = _("Hand-overs")
    change_title = _("Hand-over")

    list_display = (
        "id",
        "recipient",
        "petition",
        "purpose",
        "state_and_wait",
        "cut_off",
        "confirmed",
        "named",
        "handed_over_on",
    )
    list_filter = ("purpose", "state", ("petition", PetitionFilter))
    list_select_related = ("petition", "recipient")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Return the hand-overs with the time for which a reply has been owed."""
        rows: Any = super().get_queryset(request)
        waiting: QuerySet[Delivery] = rows.with_wait()
        return waiting

    @admin.display(description=_("state"), ordering="state")
    def state_and_wait(self, row: Delivery) -> str:
        """Return the state, and for how many days a reply has been owed."""
        days = row.days_waited
        if days is None:
            return row.get_state_display()
        return ngettext("Handed over, no reply for %(days)s day", "Handed over, no reply for %(days)s days", days) % {
            "days": days
        }

    def get_urls(self) -> list[URLPattern]:
        """Add the page that checks files."""
        check = path("check/", self.admin_site.admin_view(file_checks.check_files), name="check_files")
        return [check, *super().get_urls()]

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Show one hand-over on its own page instead of Django's form."""
        if not object_id.isascii() or not object_id.isdigit():
            raise Http404
        return hand_over_page.delivery(request, int(object_id))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the checklist, then a preview of the numbers, then prepare the hand-over.

    :raises PermissionDenied: if the organiser may not hand over
    """
    organiser, petition = acting_on(request, "hand_over_list", pk, Petition.objects.with_text_languages())
    form = HandOverForm(request.POST if request.method == "POST" else None, petition=petition)
    numbers = None
    if request.method == "POST" and form.is_valid():
        try:
            numbers = preview_delivery(form.choices())
            if "prepare" in request.POST:
                if request.POST.get("seen") == _seen(form.choices(), numbers):
                    return _prepare(request, form, organiser)
                messages.warning(request, gettext("Something has changed. Look at the numbers again."))
        except ValidationError as error:
            numbers = None
            form.add_error(None, error)
    return _show(request, petition, form, numbers)


def _prepare(request: HttpRequest, form: HandOverForm, organiser: Organiser) -> HttpResponse:
    try:
        made = prepare_delivery(choices=form.choices(), reason=form.cleaned_data["reason"], actor=organiser)
    except NeedsApprovalError as error:
        return ask_instead(request, error, organiser)
    messages.success(request, gettext("The hand-over is prepared. Download the files now."))
    return HttpResponseRedirect(reverse("admin:signatures_delivery_change", args=[made.pk]))


def _seen(choices: Choices, numbers: Numbers) -> str:
    """Return a token which proves that the organiser has seen these numbers for these choices."""
    return hashlib.sha256(repr((choices, numbers)).encode()).hexdigest()


def _show(request: HttpRequest, petition: Petition, form: HandOverForm, numbers: Numbers | None) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Hand over"),
        "petition": petition,
        "form": form,
        "numbers": numbers,
        "deliveries": Delivery.objects.to_hand_over()
        .filter(petition=petition)
        .select_related("recipient")
        .order_by("-id"),
        "petitioner": LeadPetitioner.objects.filter(petition=petition).first(),
        "opts": Petition._meta,
    }
    if numbers is not None:
        choices = form.choices()
        city = petition.text_versions.all().asking_city().exists()
        layout = Layout(choices.language, choices.delimiter, latin=choices.with_latin, city=city)
        is_told = choices.names_petitioner(choices.recipient)
        context |= {
            "recipient": choices.recipient,
            "seen": _seen(choices, numbers),
            "columns": header(layout),
            "told": petitioner_in_letter(petition, choices.language, is_disclosed=is_told),
            "is_told": is_told,
            "changed": _changed(numbers.changes) if numbers.changes else [],
        }
    return render(
        request,
        "admin/hand_over.html",
        context,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
    )


def _changed(changes: Changes) -> list[str]:
    """Return a sentence for each kind of change to the names since the last hand-over."""
    if changes.names_stopped:
        return [gettext("Names were handed over then; this recipient is given totals only now.")]
    if changes.last.profile != Profile.NAMES:
        return [gettext("Totals only were handed over then.")]
    said = []
    if changes.again:
        said.append(
            ngettext(
                "%(number)s signer who had signed by then confirmed again since and is listed as confirmed last.",
                "%(number)s signers who had signed by then confirmed again since and are listed as confirmed last.",
                changes.again,
            )
            % {"number": changes.again}
        )
    if changes.gone and changes.again:
        said.append(
            ngettext(
                "At least %(number)s name that was handed over then is no longer on the list.",
                "At least %(number)s names that were handed over then are no longer on the list.",
                changes.gone,
            )
            % {"number": changes.gone}
        )
    elif changes.gone:
        said.append(
            ngettext(
                "%(number)s name that was handed over then is no longer on the list.",
                "%(number)s names that were handed over then are no longer on the list.",
                changes.gone,
            )
            % {"number": changes.gone}
        )
    return said


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def lead_petitioner(request: HttpRequest, pk: int) -> HttpResponse:
    """Show or change the lead petitioner, in whose name the petition is handed over.

    :raises PermissionDenied: if the organiser may not hand over
    """
    organiser, petition = acting_on(request, "hand_over_list", pk, Petition.objects.with_text_languages())
    known = LeadPetitioner.objects.filter(petition=petition).first() or LeadPetitioner(petition=petition)
    form = LeadPetitionerForm(request.POST if request.method == "POST" else None, instance=known, petition=petition)
    if request.method == "POST" and petition.purged_at is None and form.is_valid():
        with transaction.atomic():
            form.save()
            auditing.record(
                actor=organiser,
                action=AuditAction.PETITIONER_CHANGED,
                petition=petition,
                target=petition.pk,
                details={"fields": sorted(form.changed_data)},
            )
        messages.success(request, gettext("The lead petitioner is saved."))
        return HttpResponseRedirect(reverse("admin:petition_hand_over", args=[pk]))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Lead petitioner"),
        "petition": petition,
        "form": form,
        "opts": Petition._meta,
    }
    return render(
        request,
        "admin/lead_petitioner.html",
        context,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
    )
