"""The page of one sheet: typing it, counting it, settling what two people read differently, taking it out again."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.forms import BoundField, Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on
from signatures.admin.paper_page import PERMISSION, UNDOING, bundle_path, label_of, page_context, rule_about
from signatures.auditing.looks import NamesPage, record_look
from signatures.collecting.actions import (
    TOO_FAR,
    Outcome,
    Readings,
    count_sheet,
    drop_typings,
    may_compare,
    readings_of,
    settle_sheet,
    type_sheet,
)
from signatures.collecting.entering import NEEDS_DECISION, erased_lines, is_taken_out, may_enter_again
from signatures.collecting.forms import BareForm, SettlingForm, SheetForm
from signatures.collecting.numbers import printed_number
from signatures.collecting.renewing import readable
from signatures.collecting.rows import TypedRow
from signatures.models import Organiser, Petition, Sheet
from signatures.models.choices import Visibility
from signatures.models.rights import may
from signatures.safeguarding.countries import country_names

# Codes of what can be mended in the form that was sent.
MENDED = {"erased", "too_many"}
TYPE, COUNT, SETTLE, DROP, UNDO = "type", "count", "settle", "drop", "undo"


@dataclass(frozen=True)
class Reading:
    """A line that two people read differently, as the page shows it.

    :param first: choice, name and country in words, or a sentence that nobody was seen
    """

    line: int
    first: str
    second: str
    field: BoundField


@dataclass
class Forms:
    """The forms of the page, of which one may have been sent."""

    typing: SheetForm
    bare: BareForm
    settling: SettlingForm
    readings: Readings | None

    @property
    def is_wrong(self) -> bool:
        """Return whether the one that was sent has mistakes."""
        return any(form.is_bound and form.errors for form in (self.typing, self.bare, self.settling))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def sheet(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show the form of a sheet or what was entered from it, or carry out one of the page's forms.

    :raises PermissionDenied: if the organiser may not enter signatures, or to undo, not decide on them
    :raises BadRequest: if there is no such form
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    sheets = Sheet.objects.with_numbers().select_related("bundle__text_version", "entered_by", "petition")
    found = get_object_or_404(sheets, petition=petition, pk=number)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    forms = _forms(request, found, action)
    if request.method == "POST":
        try:
            done = _act(request, action, forms, found, organiser)
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
            return HttpResponseRedirect(request.path)
        except Sheet.DoesNotExist as error:
            raise Http404 from error
        if done is not None:
            return done
    return _show(request, found, forms, organiser)


def _forms(request: HttpRequest, found: Sheet, action: str) -> Forms:
    readings = readings_of(found)
    lines = [one.line for one in readings.differing] if readings else []
    return Forms(
        SheetForm(request.POST if action == TYPE else None, lines=found.lines, label_suffix=""),
        BareForm(request.POST if action == COUNT else None, prefix="bare", label_suffix=""),
        SettlingForm(request.POST if action == SETTLE else None, lines=lines),
        readings,
    )


def _act(request: HttpRequest, action: str, forms: Forms, found: Sheet, organiser: Organiser) -> HttpResponse | None:
    """Carry out the form that was sent, and return the answer, or None if it has mistakes."""
    if action == TYPE:
        return _type(request, forms.typing, found, organiser)
    if action == COUNT:
        return _count(request, forms.bare, found, organiser)
    if action == SETTLE:
        return _settle(request, forms.settling, found, organiser)
    if action == DROP:
        drop_typings(pk=found.pk, actor=organiser)
        messages.success(request, gettext("What was typed is dropped. The sheet is typed anew, by two people."))
        return HttpResponseRedirect(request.path)
    if action == UNDO:
        acting_on(request, UNDOING, found.petition_id)
        return rule_about(request, found.rows.all(), found.petition, organiser)
    raise BadRequest


def _type(request: HttpRequest, form: SheetForm, found: Sheet, organiser: Organiser) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        outcome = type_sheet(pk=found.pk, rows=form.typed, actor=organiser)
    except ValidationError as error:
        _refused(form, error)
        return None
    if outcome is Outcome.DIFFERS:
        messages.warning(request, gettext("The two readings differ. Settle these rows: nothing is entered yet."))
        return HttpResponseRedirect(request.path)
    if outcome is Outcome.WAITS:
        said = gettext("%(sheet)s is typed. It waits until a second person has typed it, too.")
        messages.success(request, said % {"sheet": printed_number(found.number)})
        return HttpResponseRedirect(bundle_path(found.bundle))
    return _entered(request, found, len(form.typed))


def _count(request: HttpRequest, form: BareForm, found: Sheet, organiser: Organiser) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        count_sheet(pk=found.pk, actor=organiser, **form.cleaned_data)
    except ValidationError as error:
        _refused(form, error, "amount")
        return None
    return _entered(request, found, form.cleaned_data["amount"])


def _refused(form: Form, error: ValidationError, field: str | None = None) -> None:
    """Let a form say what can be mended in it, so that nothing is typed twice.

    :raises ValidationError: if it is about the sheet as a whole
    """
    if getattr(error, "code", None) not in MENDED and not hasattr(error, "error_dict"):
        raise error
    form.add_error(field, error)


def _settle(request: HttpRequest, form: SettlingForm, found: Sheet, organiser: Organiser) -> HttpResponse | None:
    if not form.is_valid():
        return None
    chosen = {int(line): choice for line, choice in form.cleaned_data.items() if line != "seen"}
    try:
        amount = settle_sheet(pk=found.pk, seen=form.cleaned_data["seen"], chosen=chosen, actor=organiser)
    except ValidationError as error:
        _refused(form, error)
        return None
    return _entered(request, found, amount)


def _entered(request: HttpRequest, found: Sheet, amount: int) -> HttpResponse:
    """Say what was entered, and go on to the next sheet of the bundle."""
    sentence = ngettext("%(sheet)s: %(n)s signature is entered.", "%(sheet)s: %(n)s signatures are entered.", amount)
    messages.success(request, sentence % {"sheet": printed_number(found.number), "n": amount})
    return HttpResponseRedirect(bundle_path(found.bundle))


def _show(request: HttpRequest, found: Sheet, forms: Forms, organiser: Organiser) -> HttpResponse:
    petition: Petition = found.petition
    printed = printed_number(found.number)
    title = gettext("Slip %(number)s") if found.bundle.is_slips else gettext("Sheet %(number)s")
    is_entered = found.entered_at is not None
    is_open = petition.purged_at is None and (not is_entered or is_taken_out(found))
    erased = erased_lines(found)
    must_wait = is_open and not may_enter_again(found, organiser)
    context = {
        **page_context(request, petition, title % {"number": printed}),
        "sheet": found,
        "bundle": found.bundle,
        "bundle_label": label_of(found.bundle),
        "bundle_url": bundle_path(found.bundle),
        "paper_url": reverse("admin:petition_paper", args=[petition.pk]),
        "is_entered": is_entered,
        "can_be_typed": is_open and not must_wait and len(erased) < max(found.lines, found.amount or 0),
        "erased": ", ".join(map(str, erased)),
        "erased_count": len(erased),
        "needs_decision": NEEDS_DECISION if must_wait else "",
        "place": readable(found.place_encrypted),
        "rows": found.rows.order_by("line") if may(organiser, "view_signature", petition.pk) else [],
        "may_undo": found.counting and may(organiser, UNDOING, petition.pk),
        "has_typed": found.typings.filter(typed_by=organiser).exists(),
        "form": forms.typing,
        "bare": forms.bare,
        "countries": country_names(get_language() or "en").values(),
        "readings": _differing(found, forms, organiser),
        "too_far": _too_far(found, forms, organiser),
        "seen": forms.readings.mark if forms.readings else "",
        "settling": forms.settling,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if forms.is_wrong else HTTPStatus.OK
    return render(request, "admin/sheet.html", context, status=status)


def _too_far(found: Sheet, forms: Forms, organiser: Organiser) -> str:
    """Return why what two people have read is not shown, or ""."""
    is_hidden = forms.readings is not None and not may_compare(forms.readings, found, organiser)
    return str(TOO_FAR) if is_hidden else ""


def _differing(found: Sheet, forms: Forms, organiser: Organiser) -> list[Reading]:
    """Return what two people read differently, and record that somebody looked at these names."""
    if forms.readings is None or _too_far(found, forms, organiser):
        return []
    differing = forms.readings.differing
    named = sum(row is not None and row.name is not None for one in differing for row in (one.first, one.second))
    record_look(actor=organiser, page=NamesPage.SHEET, petition=found.petition_id, target=found.bundle_id, amount=named)
    return [
        Reading(one.line, _words(one.first), _words(one.second), forms.settling[str(one.line)]) for one in differing
    ]


def _words(row: TypedRow | None) -> str:
    """Return a reading in words."""
    if row is None:
        return gettext("Nobody on this row")
    country = country_names(get_language() or "en").get(row.country, row.country)
    return " · ".join([str(Visibility(row.visibility).label), *([row.name] if row.name else []), country])
