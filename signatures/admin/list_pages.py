"""The pages of lists from elsewhere: reading a file, what becomes of its rows, entering it, taking it out again."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.access import acting_on
from signatures.admin.log_subjects import Kind, log_link
from signatures.admin.paper_page import UNDOING, page_context
from signatures.admin.rule_pages import LOOK_SECONDS, STILL
from signatures.collecting.entering import check_takes
from signatures.collecting.list_forms import ListForm
from signatures.collecting.lists import drop_list, park_list, rows_of, start_list, stop_list
from signatures.delivering.writers.csv_file import BYTE_ORDER_MARK, csv_lines
from signatures.delivering.writers.formulas import formula_safe
from signatures.languages import name_of
from signatures.models import Batch, EnteredRow, Organiser, OutsideList, Petition, Sheet, Signature
from signatures.models.bundle import signatures_of
from signatures.models.choices import SignatureState, Source
from signatures.models.clock import instant_of_now
from signatures.models.outside_list import ListStage, RowFate
from signatures.models.rights import may
from signatures.moderating.batches import make_batch
from signatures.safeguarding.countries import country_names

PERMISSION = "import_signatures"
LISTED_MAX = 50
# Of what was entered only this much is told: one more or less would tell whether an address had signed.
ROUNDED_TO = 10
DELIMITER = ","
START, STOP, DROP, UNDO = "start", "stop", "drop", "undo"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def lists(request: HttpRequest, pk: int) -> HttpResponse:
    """List the lists of a petition, or read a file.

    :raises PermissionDenied: if the organiser may not enter lists
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    try:
        check_takes(petition)
        refusal = ""
    except ValidationError as error:
        refusal = error.messages[0]
    form = None
    if not refusal:
        asked = (request.POST, request.FILES) if request.method == "POST" else ()
        versions = list(petition.text_versions.all().newest_first())
        form = ListForm(*asked, versions=versions, today=instant_of_now().date(), label_suffix="")
        if form.is_bound and (made := _parked(form, organiser)) is not None:
            messages.success(
                request, gettext("The file is read. Look at what becomes of its rows; nothing counts yet.")
            )
            return HttpResponseRedirect(list_path(made))
    there = OutsideList.objects.filter(petition=petition).select_related("made_by", "text_version").order_by("-pk")
    context = {
        **page_context(request, petition, gettext("Lists from elsewhere")),
        "form": form,
        "refusal": refusal,
        "countries": country_names(get_language() or "en").values(),
        "lists": [(one, list_path(one)) for one in there[:LISTED_MAX]],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK
    return render(request, "admin/outside_lists.html", context, status=status)


def _parked(form: ListForm, organiser: Organiser) -> OutsideList | None:
    """Keep what a form has read, or let the form say why not."""
    if not form.is_valid() or form.reading is None:
        return None
    given = form.cleaned_data
    try:
        return park_list(
            version=form.signed_version,
            language=given["language"],
            label=given["label"],
            file_key=form.file_key,
            reading=form.reading,
            actor=organiser,
        )
    except ValidationError as error:
        form.add_error("file", error)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def outside_list(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what becomes of a list, or do what a button says.

    :raises PermissionDenied: if the organiser may not enter lists, or to undo, not decide on signatures
    :raises BadRequest: if there is no such button
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    rows = OutsideList.objects.select_related("text_version", "made_by", "started_by", "bundle")
    one = get_object_or_404(rows, petition=petition, pk=number)
    if request.method != "POST":
        return _show(request, petition, one, organiser)
    action = request.POST.get("action", "")
    try:
        if action == UNDO:
            acting_on(request, UNDOING, pk)
            return HttpResponseRedirect(_taken_out(one, petition, organiser))
        return HttpResponseRedirect(_done(request, action, one, organiser))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except OutsideList.DoesNotExist as error:
        raise Http404 from error
    return HttpResponseRedirect(request.path)


def _done(request: HttpRequest, action: str, one: OutsideList, organiser: Organiser) -> str:
    """Do what a button says, and return the path of the page that follows."""
    if action == START:
        start_list(pk=one.pk, actor=organiser)
    elif action == STOP:
        stop_list(pk=one.pk, actor=organiser)
        messages.success(request, gettext("It is stopped. Nothing of the list counts."))
    elif action == DROP:
        drop_list(pk=one.pk, actor=organiser)
        messages.success(request, gettext("What was read of the file is dropped."))
        return reverse("admin:petition_outside", args=[one.petition_id])
    else:
        raise BadRequest
    return list_path(one)


def _taken_out(one: OutsideList, petition: Petition, organiser: Organiser) -> str:
    """Make the rule about what a list has brought, and return the path of the page that decides on it.

    :raises ValidationError: if nothing of it counts any more
    """
    sheet = Sheet.objects.filter(bundle=one.bundle_id).first() if one.bundle_id else None
    numbers = [] if sheet is None else sorted(_brought(one).values_list("pk", flat=True))
    if sheet is None or sheet.entered_at is None or not numbers:
        raise ValidationError(gettext("None of its signatures counts any more."))
    # Whoever confirms here after that has signed here.
    until = sheet.entered_at + timedelta(microseconds=1)
    rule = make_batch(rule=Batch(petition=petition, signature_ids=numbers, until=until), actor=organiser)
    return reverse("admin:petition_batch", args=[petition.pk, rule.pk])


def _brought(one: OutsideList) -> Any:
    """Return the signatures of a list that are still those of the list, and not removed."""
    is_of_list = Signature.objects.filter(pk=OuterRef("signature_id"), source=Source.IMPORT)
    rows = EnteredRow.objects.filter(Exists(is_of_list), sheet__bundle=one.bundle_id)
    return signatures_of(rows).exclude(state=SignatureState.REMOVED)


def _show(request: HttpRequest, petition: Petition, one: OutsideList, organiser: Organiser) -> HttpResponse:
    is_at_work = one.stage == ListStage.QUEUED
    looks_again = is_at_work and STILL not in request.GET
    counting = _brought(one).filter(state=SignatureState.CONFIRMED).count() if one.bundle_id else 0
    context = {
        **page_context(request, petition, gettext("List: %(label)s") % {"label": one.label}),
        "list": one,
        "language": name_of(one.language),
        "fates": [(RowFate(code).label, amount) for code, amount in sorted(one.fates.items(), key=_in_order)],
        "columns": _columns(one),
        "is_at_work": is_at_work,
        "looks_again": looks_again,
        "is_own": one.needs_two and one.made_by_id == organiser.pk,
        "is_counting": counting > 0,
        "rounded": counting // ROUNDED_TO * ROUNDED_TO,
        "may_undo": counting and may(organiser, UNDOING, petition.pk),
        "log_url": log_link(request, Kind.LIST, one.pk, petition.pk),
        "lists_url": reverse("admin:petition_outside", args=[petition.pk]),
        "rows_url": reverse("admin:petition_outside_rows", args=[petition.pk, one.pk]),
    }
    response = render(request, "admin/outside_list.html", context)
    if looks_again:
        # Browsers without scripts follow it, too.
        response.headers["Refresh"] = str(LOOK_SECONDS)
    return response


def _in_order(fate: tuple[str, int]) -> int:
    return RowFate.values.index(fate[0])


def _columns(one: OutsideList) -> list[tuple[str, str]]:
    """Return what was read, and the letter of its column."""
    words = {"address": gettext("E-mail addresses"), "country": gettext("Countries"), "day": gettext("Dates")}
    return [(word, one.columns.get(name, "")) for name, word in words.items()]


@require_safe
@cache_control(no_store=True)
def list_rows(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Return what becomes of each row of a list that waits, as a file; nothing in it was typed by anybody.

    :raises PermissionDenied: if the organiser may not enter lists
    """
    _organiser, petition = acting_on(request, PERMISSION, pk)
    one = get_object_or_404(OutsideList, petition=petition, pk=number)
    words = {fate.value: formula_safe(str(fate.label)) for fate in RowFate}
    lines: list[tuple[object, ...]] = [(gettext("Row"), gettext("What becomes of it"))]
    lines += [(row.line, words[row.fate]) for row in rows_of(one)]
    headers = {"Content-Disposition": f'attachment; filename="rows-{one.pk}.csv"'}
    content = BYTE_ORDER_MARK + csv_lines(lines, DELIMITER)
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def list_path(one: OutsideList) -> str:
    """Return the path of a list's page."""
    return reverse("admin:petition_outside_list", args=[one.petition_id, one.pk])
