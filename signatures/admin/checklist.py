"""What is done and what is missing until people can sign a petition: the one list for its page and the first page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from signatures.languages import name_of, site_languages
from signatures.models import Petition, Recipient
from signatures.models.choices import PetitionStatus, Profile
from signatures.models.protection import Protection
from signatures.models.text_version import RESERVED_DOMAINS
from signatures.texts.drafting import languages_without_safety_notice, remarks_by_field
from signatures.texts.gaps import CONTACT, RECIPIENTS, Gap, recipient_field
from signatures.texts.going_online import online_gaps, opening_time

RESPONSIBLE = "responsible_body"
# What the name of the field for the day of an instant ends with.
DATE_PART = "_0"
DATES = ("opens_at", "closes_at", "erase_on")
RESERVED = re.compile(rf"[@.]({RESERVED_DOMAINS})$", re.IGNORECASE)
# Which part of the list a field belongs to; all others are of the text.
TEXT, ADDRESSED, ANSWERABLE, ONLINE = range(4)


@dataclass(frozen=True)
class Point:
    """One thing on the list.

    :param kind: "done", "missing", "doubt", or "hint" for what can wait
    :param url: the field that it is about, or "" if this organiser may not change it
    """

    sentence: str
    kind: str
    url: str = ""


@dataclass(frozen=True)
class Part:
    """A step on the way, with everything that is to be said about it.

    :param is_done: whether nothing is missing
    """

    title: str
    hint: str
    points: list[Point]
    is_done: bool


def checklist(petition: Petition, recipients: list[Recipient], frozen: Collection[str] | None) -> list[Part]:
    """Return the steps in order: text, recipients, who is responsible, and what putting it online means.

    :param frozen: the fields that the organiser may not change, or None for all
    """
    now = datetime.now(UTC)
    form = reverse("admin:signatures_petition_change", args=[petition.pk])

    def points(kind: str, found: Iterable[Gap]) -> dict[int, list[Point]]:
        sorted_in: dict[int, list[Point]] = {part: [] for part in range(4)}
        for one in found:
            is_linked = frozen is not None and one.field and one.field.removesuffix(DATE_PART) not in frozen
            url = f"{form}#id_{one.field}" if is_linked else ""
            sorted_in[_part_of(one.field)].append(Point(one.sentence, kind, url))
        return sorted_in

    gaps = online_gaps(petition, recipients, now)
    missing = points("missing", gaps)
    doubts = points("doubt", [*_doubts(petition, recipients), *remarks_by_field(petition, recipients)])
    done = points("done", _done(petition, recipients, {gap.field for gap in gaps}))
    hints = points("hint", _hints(petition, now))
    is_online = petition.status != PetitionStatus.DRAFT
    return [
        Part(
            title,
            hint,
            [*missing[part], *doubts[part], *done[part], *hints[part]],
            is_done=not missing[part] and (part != ONLINE or is_online),
        )
        for part, (title, hint) in enumerate(_titles())
    ]


def _titles() -> list[tuple[str, str]]:
    return [
        (_("Write the text"), _("Title, summary, text and consent in each of its languages.")),
        (_("Choose the recipients"), _("Who is asked, and whether they are given names or numbers.")),
        (_("Say who is responsible"), _("Signers see it, and whom they can write to.")),
        (_("Put it online"), _("You see it as signers will, and everything that is still missing.")),
    ]


def _part_of(field: str) -> int:
    if field.startswith(RECIPIENTS):
        return ADDRESSED
    if field == CONTACT or field.startswith(RESPONSIBLE):
        return ANSWERABLE
    return ONLINE if field == "slug" or field.startswith(DATES) else TEXT


def _doubts(petition: Petition, recipients: list[Recipient]) -> Iterable[Gap]:
    for language in languages_without_safety_notice(petition):
        sentence = _("Signers can be punished, and no safety notice tells them so (%(language)s).")
        yield Gap(sentence % {"language": name_of(language)}, f"safety_notice_{language}")
    for place, language in enumerate(site_languages()):
        if language not in petition.languages:
            sentence = _("The petition is not in this language: %(language)s.")
            yield Gap(sentence % {"language": name_of(language)}, f"languages_{place}")
    is_guarded = Protection(petition.protection).rules.asks_for_notices
    if is_guarded and recipients and all(one.profile == Profile.NAMES for one in recipients):
        sentence = _("Every recipient is given the names. Should one of them get numbers only?")
        yield Gap(sentence, recipient_field(0, "profile"))
    if RESERVED.search(petition.contact):
        yield Gap(_("The contact is an example: nobody reads what is sent there."), CONTACT)


def _done(petition: Petition, recipients: list[Recipient], missing: set[str]) -> Iterable[Gap]:
    for language in petition.ordered_languages:
        parts = {f"{part}_{language}" for part in ("title", "summary", "body", "consent")}
        if not parts & missing:
            sentence = _("Title, summary, text and consent are there (%(language)s).")
            yield Gap(sentence % {"language": name_of(language)}, "")
    for place, recipient in enumerate(recipients):
        gives_names = recipient.profile == Profile.NAMES
        sentence = _("%(name)s is given names.") if gives_names else _("%(name)s is given totals only.")
        yield Gap(sentence % {"name": recipient}, recipient_field(place, "profile"))
    for language in petition.ordered_languages:
        if f"{RESPONSIBLE}_{language}" not in missing:
            sentence = _("%(body)s is responsible (%(language)s).")
            body = getattr(petition, f"{RESPONSIBLE}_{language}")
            yield Gap(sentence % {"body": body, "language": name_of(language)}, f"{RESPONSIBLE}_{language}")
    if petition.contact:
        yield Gap(_("Signers can write to %(contact)s.") % {"contact": petition.contact}, CONTACT)


def _hints(petition: Petition, now: datetime) -> Iterable[Gap]:
    opens_at = opening_time(petition, now)
    if opens_at > now:
        sentence = _("People can sign from %(instant)s UTC; until then its page says so.")
        yield Gap(sentence % {"instant": date_format(opens_at.astimezone(UTC), "DATETIME_FORMAT")}, "opens_at_0")
    else:
        yield Gap(_("People can sign as soon as it is online."), "opens_at_0")
    yield Gap(_("The address ends with “%(slug)s”, and stays so.") % {"slug": petition.slug}, "slug")
    if petition.erase_on is None:
        yield Gap(_("No day is set for erasing the signers’ data. It can be set later."), "erase_on")
