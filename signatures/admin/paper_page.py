"""The pages of a petition's paper: what was printed and entered, printing more, and finding a sheet by its number."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.access import acting_on
from signatures.admin.log_subjects import Kind, log_link
from signatures.collecting.actions import make_bundle
from signatures.collecting.forms import BundleForm, NumberForm
from signatures.collecting.numbers import printed_number
from signatures.collecting.printing import printed_content
from signatures.collecting.renewing import readable
from signatures.delivering.writers.pdf.names import visible
from signatures.delivering.writers.pdf.press import SHEET, press
from signatures.languages import name_of
from signatures.models import Batch, Bundle, EnteredRow, Organiser, Petition, Sheet, TextVersion
from signatures.models.bundle import signatures_of
from signatures.models.choices import SignatureState
from signatures.models.rights import may
from signatures.moderating.batches import make_batch

PERMISSION = "enter_signatures"
UNDOING = "moderate_signatures"
LISTED_MAX = 100
PDF = "application/pdf"
OUTDATED = gettext_lazy(
    "The text was changed after these were made. What was signed is entered as ever; to collect more, make new ones."
)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """List the bundles of a petition's sheets; make one; or lead to the sheet whose number was typed.

    :raises PermissionDenied: if the organiser may not enter signatures
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    version = petition.text_versions.all().newest_first().first()
    number = NumberForm(request.GET if "sheet" in request.GET else None, label_suffix="")
    if number.is_bound and (found := _led_to(number, petition)) is not None:
        return found
    form = None
    if version is not None and petition.purged_at is None:
        form = BundleForm(request.POST if request.method == "POST" else None, version=version, label_suffix="")
        if form.is_bound and (made := _made(form, version, organiser)) is not None:
            messages.success(request, gettext("They have their numbers. Print the file, and cut slips apart."))
            return HttpResponseRedirect(bundle_path(made))
    of_paper = Bundle.objects.filter(petition=petition)
    bundles = of_paper.with_numbers().select_related("text_version", "made_by")
    context = {
        **page_context(request, petition, gettext("Signatures on paper")),
        "number": number,
        "form": form,
        "version": version,
        "bundles": [(bundle, label_of(bundle), bundle_path(bundle)) for bundle in bundles.order_by("-pk")[:LISTED_MAX]],
    }
    is_wrong = number.errors or (form is not None and form.errors)
    return render(
        request,
        "admin/paper.html",
        context,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK,
    )


def _led_to(form: NumberForm, petition: Petition) -> HttpResponse | None:
    """Return what leads to the sheet of a number, or None if the form says why there is none."""
    if not form.is_valid():
        return None
    number = form.cleaned_data["sheet"]
    if not Sheet.objects.filter(petition=petition, pk=number).exists():
        form.add_error("sheet", gettext("This petition has no sheet with this number."))
        return None
    return HttpResponseRedirect(sheet_path(petition.pk, number))


def _made(form: BundleForm, version: TextVersion, organiser: Organiser) -> Bundle | None:
    """Make a bundle of what a form says, or let the form say why not."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    try:
        return make_bundle(
            version=version,
            language=given["language"],
            label=given["label"],
            amount=given["amount"],
            lines=1 if given["kind"] == "slips" else given["lines"],
            two_people=given["two_people"],
            actor=organiser,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def bundle(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show the sheets of a bundle, or make the rule by which its signatures are taken out of the count.

    :raises PermissionDenied: if the organiser may not enter signatures, or to undo, not decide on them
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    if request.method == "POST":
        acting_on(request, UNDOING, pk)
    rows = Bundle.objects.filter(petition=petition).with_numbers().select_related("text_version", "made_by")
    found = get_object_or_404(rows, pk=number)
    if request.method == "POST":
        return rule_about(request, EnteredRow.objects.filter(sheet__bundle=found), petition, organiser)
    sheets = found.sheets.all().with_numbers().select_related("entered_by").order_by("pk")
    context = {
        **page_context(request, petition, gettext("Bundle: %(label)s") % {"label": label_of(found)}),
        "bundle": found,
        "number": NumberForm(label_suffix=""),
        "language": name_of(found.language),
        "sheets": [(one, printed_number(one.number), sheet_path(pk, one.number)) for one in sheets],
        "log_url": log_link(request, Kind.BUNDLE, found.pk, petition.pk),
        "may_undo": found.counting and may(organiser, UNDOING, petition.pk),
        "paper_url": reverse("admin:petition_paper", args=[pk]),
        "outdated": "" if is_newest(found) else OUTDATED,
    }
    return render(request, "admin/bundle.html", context)


def rule_about(request: HttpRequest, rows: Any, petition: Petition, organiser: Organiser) -> HttpResponse:
    """Make the rule about the signatures of some rows that are not removed, and lead to the page that decides on them.

    :param rows: entered rows
    """
    there = signatures_of(rows).exclude(state=SignatureState.REMOVED)
    numbers = sorted(there.values_list("pk", flat=True))
    if not numbers:
        messages.error(request, gettext("None of its signatures counts any more."))
        return HttpResponseRedirect(request.path)
    try:
        rule = make_batch(rule=Batch(petition=petition, signature_ids=numbers), actor=organiser)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return HttpResponseRedirect(request.path)
    return HttpResponseRedirect(reverse("admin:petition_batch", args=[petition.pk, rule.pk]))


@require_safe
@cache_control(no_store=True)
def bundle_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Return the sheets of a bundle that are not entered yet, to be printed.

    An outdated text is not printed any more: nobody should sign it.

    :raises PermissionDenied: if the organiser may not enter signatures
    :raises Http404: if there is none to print
    """
    _organiser, petition = acting_on(request, PERMISSION, pk)
    bundles = Bundle.objects.select_related("text_version", "petition")
    found = get_object_or_404(bundles, petition=petition, pk=number)
    sheets = list(found.sheets.filter(entered_at__isnull=True).order_by("pk"))
    if not sheets:
        raise Http404
    if not is_newest(found):
        messages.error(request, OUTDATED)
        return HttpResponseRedirect(bundle_path(found))
    content = _visible(printed_content(found, sheets))
    # Whole, so that what cannot be typeset is no broken file.
    response = HttpResponse(b"".join(press(content, found.made_at, SHEET)), content_type=PDF)
    response.headers["Content-Disposition"] = f'attachment; filename="{petition.slug}-{found.pk}.pdf"'
    return response


def _visible(content: Any) -> Any:
    """Return content without characters that would turn or hide the rest of a line."""
    if isinstance(content, str):
        return "\n".join(visible(line) for line in content.split("\n"))
    if isinstance(content, list):
        return [_visible(one) for one in content]
    if isinstance(content, dict):
        return {key: _visible(one) for key, one in content.items()}
    return content


def page_context(request: HttpRequest, petition: Petition, title: str) -> dict[str, Any]:
    """Return the context that the pages of paper share."""
    return {**admin.site.each_context(request), "title": title, "petition": petition, "opts": Petition._meta}


def is_newest(found: Bundle) -> bool:
    """Return whether a bundle carries the text that people sign now."""
    return TextVersion.objects.newest_of(found.petition_id).pk == found.text_version_id


def label_of(found: Bundle) -> str:
    """Return what organisers call a bundle, or its number if that can no longer be read."""
    return readable(found.label_encrypted) or f"{found.pk}"


def bundle_path(found: Bundle) -> str:
    """Return the path of a bundle's page."""
    return reverse("admin:petition_bundle", args=[found.petition_id, found.pk])


def sheet_path(petition_id: int, number: int) -> str:
    """Return the path of the page on which a sheet is entered."""
    return reverse("admin:petition_sheet", args=[petition_id, number])
