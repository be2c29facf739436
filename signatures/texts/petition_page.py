"""What a petition's pages are given to show."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import Http404
from django.utils.safestring import SafeString

from signatures.links import absolute, petition_url, share_links
from signatures.models import Petition, TextVersion
from signatures.models.choices import Phase, Profile, SharePlace
from signatures.models.protection import Protection, ProtectionRules
from signatures.texts.digest import TEXT_PARTS
from signatures.texts.html_printer import render_markdown
from signatures.texts.invisible import in_one_line
from signatures.texts.petition_state import when_told

RECENT_SECONDS = 2.0
_recent: dict[str, tuple[float, TextVersion]] = {}


class OtherLanguageError(Exception):
    """A petition's page was asked for in a language that its newest text does not have; it leads to another one."""

    def __init__(self, language: str) -> None:
        """Take the language that the page has."""
        super().__init__(language)
        self.language = language


@dataclass(frozen=True)
class PetitionPage:
    """A petition in one language, as its newest text version has it.

    :param language: of its texts
    :param languages: those that its pages have
    :param opened_on: the UTC day on which it opened, or None before that
    :param counted_since: the UTC day since when it is counted here, or None where that is no later than the opening
    :param when: a sentence on the hours in which it takes signatures, or ""
    """

    slug: str
    language: str
    languages: list[str]
    url: str
    title: str
    summary: str
    body: str
    consent: str
    opened_on: date | None
    counted_since: date | None
    phase: str
    when: str
    purged_on: date | None
    version: int
    responsible_body: str
    contact: str
    safety_notice: str
    sharing_notice: str
    thanks: str
    closing_words: str
    share_places: list[str]
    names_recipients: list[str]
    totals_recipients: list[str]
    asks_city: bool
    rules: ProtectionRules
    signers_url: str
    deliveries_url: str
    updates_url: str
    my_signature_url: str
    sent_url: str
    thanks_url: str
    ledger_url: str
    ledger_json_url: str
    text_url: str
    card_url: str
    qr_url: str

    @property
    def body_html(self) -> SafeString:
        """Return the text as HTML, which most pages about a petition do not show."""
        return render_markdown(self.body)

    @property
    def safety_notice_html(self) -> SafeString:
        """Return the safety notice as HTML."""
        return render_markdown(self.safety_notice)

    @property
    def closing_words_html(self) -> SafeString:
        """Return the words for a petition that is closed as HTML."""
        return render_markdown(self.closing_words)

    @property
    def is_open(self) -> bool:
        """Return whether it takes signatures."""
        return self.phase in {Phase.OPEN, Phase.DRAFT}

    @property
    def is_closed(self) -> bool:
        """Return whether it takes no signatures any more."""
        return self.phase == Phase.CLOSED

    @property
    def opens_later(self) -> bool:
        """Return whether it is to take signatures, and takes none yet."""
        return self.phase == Phase.UPCOMING

    @property
    def description(self) -> str:
        """Return what other sites show beside a link: the summary, and before it from when on one can sign."""
        return f"{self.when} {self.summary}" if self.opens_later else self.summary

    @property
    def share_links(self) -> list[tuple[str, str]]:
        """Return the name and the link of each place that the petition can be passed on to."""
        return share_links(absolute(self.url), self.title, [SharePlace(place) for place in self.share_places])


def newest_version(slug: str) -> TextVersion:
    """Return the newest text of a petition that anyone may read, with its petition and whether it takes signatures now.

    :raises Http404: if there is none
    """
    version = TextVersion.objects.newest_public(slug)
    if version is None:
        _recent.pop(slug, None)
        raise Http404
    _recent[slug] = time.monotonic(), version
    return version


def version_to_show(slug: str, language: str) -> TextVersion:
    """Return the newest text of a petition for a page in a language.

    :raises Http404: if there is none
    :raises OtherLanguageError: if its pages are in other languages
    """
    return _in_its_language(newest_version(slug), language)


def recent_version(slug: str, language: str) -> TextVersion:
    """Return what newest_version returned at most two seconds ago in this process, for writes that check it again.

    :raises Http404: if there is none
    :raises OtherLanguageError: if its pages are in other languages
    """
    looked_up, version = _recent.get(slug, (0.0, None))
    if version is None or time.monotonic() - looked_up > RECENT_SECONDS:
        version = newest_version(slug)
    return _in_its_language(version, language)


def _in_its_language(version: TextVersion, language: str) -> TextVersion:
    if language not in version.page_languages:
        raise OtherLanguageError(version.page_languages[0])
    return version


def published_page(version: TextVersion, language: str) -> PetitionPage:
    """Return a published text as its pages show it: in a language, or else in the text's first."""
    petition = version.petition
    body = version.body_in(language)
    language = body.language
    recipients = list(version.recipients.select_related("recipient"))
    return _page(
        petition,
        language,
        {part: getattr(body, part) for part in TEXT_PARTS},
        languages=version.page_languages,
        version=version.number,
        phase=version.phase,
        contact=version.contact,
        asks_city=version.asks_city,
        rules=version.rules,
        recipients=[(entry.recipient.name_in(language), entry.profile) for entry in recipients],
    )


def draft_page(petition: Petition, language: str) -> PetitionPage:
    """Return the draft as it would look, for organisers."""
    return _page(
        petition,
        language,
        {part: getattr(petition, f"{part}_{language}") or "" for part in TEXT_PARTS},
        languages=petition.ordered_languages,
        version=0,
        phase=Phase.DRAFT,
        contact=petition.contact,
        asks_city=petition.asks_city,
        rules=Protection(petition.protection).rules,
        recipients=[(recipient.name_in(language), recipient.profile) for recipient in petition.recipients.all()],
    )


def _course(petition: Petition, phase: str) -> str:
    """Return the phase; of a draft the one that it would be in if it were opened now."""
    if phase != Phase.DRAFT:
        return phase
    return Phase.UPCOMING if petition.opens_at is not None and petition.opens_at > datetime.now(UTC) else Phase.OPEN


def _card_url(path: str, petition: Petition, phase: str) -> str:
    """Return where the share picture is: other sites keep a picture by its address, and this one tells an hour."""
    if phase != Phase.UPCOMING or petition.opens_at is None:
        return path
    return f"{path}?opens={int(petition.opens_at.timestamp())}"


def _utc_day(instant: datetime | None) -> date | None:
    return instant.astimezone(UTC).date() if instant is not None else None


def _page(
    petition: Petition,
    language: str,
    parts: dict[str, str],
    *,
    languages: list[str],
    version: int,
    phase: str,
    contact: str,
    asks_city: bool,
    rules: ProtectionRules,
    recipients: list[tuple[str, str]],
) -> PetitionPage:
    names = {
        name: petition_url(name, language, petition.slug)
        for name in (
            "petition",
            "signers",
            "deliveries",
            "updates",
            "my_signature_request",
            "sent",
            "thanks",
            "ledger",
            "ledger_json",
            "card",
            "qr",
        )
    }
    course = _course(petition, phase)
    opened_on = _utc_day(petition.opens_at) if course != Phase.UPCOMING else None
    created_on = _utc_day(petition.created_at)
    return PetitionPage(
        slug=petition.slug,
        language=language,
        languages=languages,
        url=names["petition"],
        title=in_one_line(parts["title"]),
        summary=in_one_line(parts["summary"]),
        body=parts["body"],
        consent=in_one_line(parts["consent"]),
        opened_on=opened_on,
        # A campaign that began elsewhere: where it began here, the two are one day, or the draft came before.
        counted_since=created_on if opened_on and created_on and created_on > opened_on else None,
        phase=phase,
        when=when_told(course, petition.opens_at, petition.closes_at),
        purged_on=_utc_day(petition.purged_at),
        version=version,
        responsible_body=parts["responsible_body"],
        contact=contact,
        safety_notice=parts["safety_notice"],
        sharing_notice=in_one_line(parts["sharing_notice"]),
        thanks=in_one_line(getattr(petition, f"thanks_{language}") or ""),
        closing_words=getattr(petition, f"closing_words_{language}") or "",
        share_places=petition.share_places,
        names_recipients=[name for name, profile in recipients if profile == Profile.NAMES],
        totals_recipients=[name for name, profile in recipients if profile == Profile.TOTALS],
        asks_city=asks_city,
        rules=rules,
        signers_url=names["signers"],
        deliveries_url=names["deliveries"],
        updates_url=names["updates"],
        my_signature_url=names["my_signature_request"],
        sent_url=names["sent"],
        thanks_url=names["thanks"],
        ledger_url=names["ledger"],
        ledger_json_url=names["ledger_json"],
        text_url=petition_url("text_version", language, petition.slug, number=version or 1),
        card_url=_card_url(names["card"], petition, phase),
        qr_url=names["qr"],
    )
