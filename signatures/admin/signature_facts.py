"""What one signature's page says of it, beside the decision, and where it leads."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.shown_rows import list_path, with_filters
from signatures.admin.signature_words import country_word, state_word
from signatures.collecting.numbers import printed_number
from signatures.models import EnteredRow, Signature
from signatures.models.choices import NameReview, SignatureState, Source, Visibility

Fact = tuple[Promise, Any]
NOTHING_ALIKE = _(
    "Nothing to compare. A mark of the mail domain is kept for 30 days, and none of large providers. Domains"
    " with fewer than ten signatures are not shown: that would tell who signed from a small workplace."
)


def change_path(pk: int) -> str:
    """Return the path of a signature's page."""
    return reverse("admin:signatures_signature_change", args=[pk])


def facts_of(signature: Signature) -> list[Fact]:
    """Return label and value of everything that is stored of a signature and says something."""
    one = signature
    petition = reverse("admin:signatures_petition_change", args=[one.petition_id])
    found: list[tuple[Promise, Any, bool]] = [
        (_("State"), _state(one), True),
        (_("Name"), one.name, True),
        (_("City"), one.city, True),
        (_("Country"), country_word(one), True),
        (_("Who may see the name"), Visibility(one.visibility).label, True),
        (
            _("Name before everyone"),
            NameReview(one.name_review).label,
            one.visibility == Visibility.PUBLIC and one.name_review != NameReview.OK,
        ),
        (_("Reason for signing"), one.reason, one.reason_approved),
        (_("Confirmed (UTC)"), _when(one.last_confirmed_at), True),
        (_("First confirmed (UTC)"), _when(one.first_confirmed_at), one.first_confirmed_at != one.last_confirmed_at),
        (
            _("In the count since (UTC)"),
            _when(one.current_since),
            one.state == SignatureState.CONFIRMED and one.current_since != one.last_confirmed_at,
        ),
        (_("Language"), one.get_language_display(), True),
        (_("Text version"), one.text_version.number, True),
        (_("Source"), Source(one.source).label, one.source != Source.WEB),
        (_("Sheet and row"), _sheet_and_row(one), one.source == Source.PAPER),
        (_("Petition"), format_html('<a href="{}">{}</a>', petition, one.petition), True),
    ]
    return [(label, value) for label, value, speaks in found if speaks and value]


def _state(signature: Signature) -> str:
    word = state_word(signature)
    if not signature.state_reason:
        return word
    return format_html("{} <span>{}</span>", word, signature.get_state_reason_display())


def _sheet_and_row(signature: Signature) -> str:
    """Return which row of which sheet became a signature, or "" if none did."""
    if signature.source != Source.PAPER:
        return ""
    row = EnteredRow.objects.filter(signature_id=signature.pk).select_related("sheet").first()
    if row is None:
        return ""
    return gettext("%(sheet)s, row %(line)s") % {"sheet": printed_number(row.sheet.number), "line": row.line}


def _when(instant: Any) -> str:
    return date_format(instant, "DATETIME_FORMAT")


def signature_context(signature: Signature, filters: str) -> dict[str, Any]:
    """Return the context of a signature's page.

    :param filters: the query of the list that the organiser came from
    """
    related: list[tuple[Promise, dict[str, Any]]] = [
        (_("Signatures of this petition"), {"petition__id__exact": signature.petition_id})
    ]
    if signature.name:
        related.insert(0, (_("Signatures with this name"), {"q": signature.name}))
    if Signature.objects.all().alike(signature).exists():
        related.insert(0, (_("Signatures of the same mail domain"), {"like": signature.pk}))
    return {
        "title": gettext("Signature %(number)s") % {"number": signature.pk},
        "subtitle": None,
        "facts": facts_of(signature),
        "related": [(label, list_path(urlencode(query))) for label, query in related],
        "back_url": list_path(filters),
        "erase_url": with_filters(reverse("admin:signature_erase", args=[signature.pk]), filters),
    }


def nothing_found(changes: ChangeList) -> str:
    """Return the sentence that stands in place of an empty list: what that means, and what to do."""
    if changes.params.get("like"):
        return str(NOTHING_ALIKE)
    if changes.query and not changes.has_active_filters:
        return gettext(
            "No name has words that begin with these. Type fewer letters, or the name in its other alphabet; whoever"
            " chose “No one” has no name here."
        )
    if changes.query or changes.has_active_filters:
        return gettext("No signature fits all that is chosen. Take one of the filters away.")
    return gettext("Nobody has signed yet. Whoever confirms a signature appears here at once.")
