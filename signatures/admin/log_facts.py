"""Says in words what the details of an entry of the audit log hold: no code and no name of a field stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.log_subjects import Kind
from signatures.admin.log_words import IN_DETAILS, LogWords
from signatures.admin.readonly import in_words
from signatures.admin.role_words import role_name
from signatures.auditing.looks import NamesPage, Search
from signatures.collecting.numbers import printed_number
from signatures.languages import name_of
from signatures.models import AuditEntry, LeadPetitioner, Organiser, Petition, Recipient, Update
from signatures.models.access_link import LinkKind
from signatures.models.choices import (
    AlertKind,
    ApprovalKind,
    BatchAction,
    ErasureReason,
    Language,
    ListOrder,
    NameReview,
    Profile,
    Purpose,
    SignatureState,
    StateReason,
    StopReason,
    Visibility,
    WaveKind,
)
from signatures.models.switch import SwitchName
from signatures.moderating.purging import RESTORED_REASON, RETENTION_REASON
from signatures.safeguarding.countries import country_names

Teller = Callable[[Any], str]
# The codes that entries hold in place of free text, in words. None of two enumerations is the same.
CODES: dict[str, Any] = {
    code.value: code.label
    for codes in (
        StateReason,
        ErasureReason,
        SignatureState,
        NameReview,
        Visibility,
        Profile,
        Purpose,
        BatchAction,
        NamesPage,
        Search,
        LinkKind,
        StopReason,
    )
    for code in codes
} | {
    RETENTION_REASON: _("The day for erasing has come"),
    RESTORED_REASON: _("Erased before a backup was restored"),
    "UNDO": _("Undo it"),
}
FIELDS_OF = (Petition, Update, Organiser, LeadPetitioner, Recipient)
# Fields of forms that are no columns.
FORM_FIELDS = {
    "groups": _("role"),
    "password": _("password"),
    "password1": _("password"),
    "password2": _("password"),
    "picture": _("picture"),
}
CONDITIONS = {
    "domain": _("mail domain"),
    "name": _("name"),
    "country": _("country"),
    "language": _("language"),
    "visibility": _("who sees the name"),
    "text version": _("text version"),
}
REASONS_LOOKED_AT = {"waiting": _("Waits to be read"), "shown": _("Shown on the site")}


def _code(value: Any) -> str:
    return "" if value is None else str(CODES.get(str(value), value))


def _codes(*enumerations: Any) -> Teller:
    """Return what tells codes of enumerations that have some in common with others."""
    words = {code.value: code.label for codes in enumerations for code in codes}
    return lambda value: str(words[str(value)]) if str(value) in words else _code(value)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _sheet(value: Any) -> str:
    return printed_number(value) if isinstance(value, int) else _plain(value)


def _digest(value: Any) -> str:
    return format_html('<code translate="no">{}</code>', value)


def _number(value: Any) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _time(value: Any) -> str:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return date_format(found, "DATETIME_FORMAT")


def _day(value: Any) -> str:
    try:
        return date_format(date.fromisoformat(str(value)), "DATE_FORMAT")
    except ValueError:
        return gettext("none") if value in (None, "", "None") else str(value)


def _language(value: Any) -> str:
    return name_of(str(value)) if value in Language.values else str(value)


def _country(value: Any) -> str:
    return country_names((get_language() or "en")[:2]).get(str(value), str(value))


def field_word(name: str) -> str:
    """Return what a field is called on the pages of the desk, with the language that it is in, if any."""
    base, _underscore, code = name.rpartition("_")
    if base and code in Language.values:
        return gettext("%(field)s (%(language)s)") % {"field": _field_word(base), "language": name_of(code)}
    return _field_word(name)


def _field_word(name: str) -> str:
    if name in FORM_FIELDS:
        return str(FORM_FIELDS[name])
    for model in FIELDS_OF:
        try:
            return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            continue
    return forms.utils.pretty_name(name)


# Of each key that details have: what it is called, and how its value is told.
FACTS: dict[str, tuple[Promise | str, Teller]] = {
    "account": (_("account"), _plain),
    "action": (_("what is done"), _code),
    "approval": (_("request to a second person"), _plain),
    "attempts": (_("not confirmed yet"), _number),
    "broken_off": (_("why it was broken off"), _code),
    "browser": (_("browser"), _code),
    "by": (_("what they have in common"), lambda value: str(CONDITIONS.get(str(value), value))),
    "bytes": (_("size in bytes"), _number),
    "codes_left": (_("codes left"), _number),
    "cut_off": (_("cut-off (UTC)"), _time),
    "delimiter": (_("separator"), _plain),
    "differing": (_("files that differ"), _plain),
    "digest": (_("digest"), _digest),
    "edition": (_("mark of the copy"), _digest),
    "encrypted": (_("encrypted"), in_words),
    "erase_on": (_("erase personal data on"), _day),
    "expected": (_("to be expected"), _number),
    "factor_shown": (_("second factor"), in_words),
    "fields": (_("fields"), field_word),
    "file": (_("file"), _plain),
    "four_eyes": (_("a second person is asked for"), in_words),
    "four_eyes_from": (_("a rule waits if it removes more than"), _number),
    "journal_is_lost": (_("an erasure journal was lost"), in_words),
    "kind": (_("kind"), _codes(WaveKind, ApprovalKind)),
    "kinds": (_("told of"), _codes(AlertKind)),
    "language": (_("language"), _language),
    "left": (_("left as they were"), _number),
    "link": (_("link"), _code),
    "links": (_("links ended"), _number),
    "made_by": (_("made by"), _plain),
    "mails": (_("mails"), _number),
    "subscribers": (_("addresses that got news"), _number),
    "manifest": (_("digest of the manifest"), _digest),
    "names": (_("with names"), in_words),
    "number": (_("number"), _plain),
    "order": (_("order"), _codes(ListOrder)),
    "page": (_("page"), _code),
    "publish_at": (_("appears at (UTC)"), _time),
    "removed": (_("Removed"), _number),
    "role": (_("role"), lambda value: role_name(str(value))),
    "search": (_("searched"), _code),
    "second_factor": (_("second factor"), _code),
    "sessions": (_("sessions ended"), _number),
    "sheet": (_("number of the sheet"), _sheet),
    "sha256": (_("digest of what was sent"), _digest),
    "signatures": (_("signatures"), _plain),
    "slug": (_("last part of the address"), _plain),
    "switch": (_("switch"), _codes(SwitchName)),
    "system": (_("system"), _code),
    "taken_back": (_("taken back by whoever asked"), in_words),
    "with_names": (_("with names"), _number),
    "undone": (_("what is undone"), _code),
    "until": (_("until (UTC)"), _time),
}
FILTERS: dict[str, tuple[Promise | str, Teller]] = {
    "state": (_("state"), _codes(SignatureState)),
    "visibility": (_("who sees the name"), _codes(Visibility)),
    "language": (_("language"), _language),
    "country": (_("country"), _country),
    "day": (_("day (UTC)"), _day),
    "since": (_("from (UTC)"), _time),
    "until": (_("until before (UTC)"), _time),
    "state_reason": (_("why it does not count"), _codes(StateReason)),
    "name_review": (_("name before everyone"), _codes(NameReview)),
    "same_domain": (_("same mail domain"), in_words),
    "by_numbers": (_("chosen by their numbers"), in_words),
    "reasons": (_("reason for signing"), lambda value: str(REASONS_LOOKED_AT.get(str(value), value))),
}
# The keys whose values are numbers of rows.
ROWS_NAMED = {
    "both_let_in_by": _("who has given access to both accounts"),
    "copied_from": _("copy of"),
    "delivery": _("hand-over"),
    "recipient": _("recipient"),
}
VERSION = "text_version"
ROWS_TOLD_MAX = 10


def told_reason(entry: AuditEntry) -> str:
    """Return why something was done, in words where it is a code."""
    return _code(entry.reason)


def facts_of(entry: AuditEntry, words: LogWords) -> Iterator[tuple[str, str]]:
    """Yield what the details hold, each with what it is called."""
    for key, value in entry.details.items():
        if key == "filters" and isinstance(value, dict):
            yield from _filters(value, words)
        elif key in ROWS_NAMED and isinstance(value, int):
            yield capfirst(str(ROWS_NAMED[key])), words.named(IN_DETAILS[key], value, entry.petition_id)
        elif value not in (None, [], ""):
            label, tell = FACTS.get(key, (key, _code))
            yield capfirst(str(label)), _several(value, tell)


def _filters(filters: dict[str, Any], words: LogWords) -> Iterator[tuple[str, str]]:
    for name, value in filters.items():
        label, tell = (_("text version"), _plain) if name == VERSION else FILTERS.get(name, (name, _plain))
        told = words.named(Kind.VERSION, value, None) if name == VERSION else tell(value)
        yield gettext("Filter: %(field)s") % {"field": label}, told


def _several(value: Any, tell: Teller) -> str:
    if not isinstance(value, list):
        return tell(value)
    told = ", ".join(tell(one) for one in value[:ROWS_TOLD_MAX])
    return f"{told}, …" if len(value) > ROWS_TOLD_MAX else told
