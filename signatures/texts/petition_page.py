"""What a petition's pages are given to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from django.utils.safestring import SafeString

from signatures.links import PetitionUrls, absolute, share_links
from signatures.models import Petition, TextVersion, TextVersionBody
from signatures.models.choices import Phase, Profile, SharePlace
from signatures.models.protection import ProtectionRules
from signatures.texts.digest import TEXT_PARTS
from signatures.texts.html_printer import render_markdown
from signatures.texts.invisible import in_one_line
from signatures.texts.petition_state import when_told


@dataclass(frozen=True)
class PetitionPage:
    """A petition in one language: a published text, or a draft as it would look.

    :param shown: the text version; of a draft one that is not stored, with the number 0
    :param body: its text in the language of the page
    :param languages: those that its pages have
    """

    shown: TextVersion
    body: TextVersionBody
    languages: list[str]

    @property
    def petition(self) -> Petition:
        """Return the petition, which has what holds as soon as it is saved."""
        return self.shown.petition

    @property
    def slug(self) -> str:
        """Return what the petition is called in addresses."""
        return self.petition.slug

    @property
    def language(self) -> str:
        """Return the language of the text."""
        return self.body.language

    @cached_property
    def urls(self) -> PetitionUrls:
        """Return the paths of the petition's pages, each by its name."""
        return PetitionUrls(self.slug, self.language)

    @property
    def url(self) -> str:
        """Return the path of the petition itself."""
        return self.urls["petition"]

    @property
    def text_url(self) -> str:
        """Return the path of this version of the text."""
        return self.urls.of("text_version", number=self.version or 1)

    @property
    def card_url(self) -> str:
        """Return where the share picture is: other sites keep a picture by its address, and this one tells an hour."""
        if not self.opens_later or self.petition.opens_at is None:
            return self.urls["card"]
        return f"{self.urls['card']}?opens={int(self.petition.opens_at.timestamp())}"

    @property
    def version(self) -> int:
        """Return the number of the text."""
        return self.shown.number

    @property
    def contact(self) -> str:
        """Return the address to write to."""
        return self.shown.contact

    @property
    def asks_city(self) -> bool:
        """Return whether signers are asked for their city."""
        return self.shown.asks_city

    @property
    def rules(self) -> ProtectionRules:
        """Return what the level of protection decides."""
        return self.shown.rules

    @cached_property
    def title(self) -> str:
        """Return the title in one line, as it stands in headings, mails and pictures."""
        return in_one_line(self.body.title)

    @cached_property
    def summary(self) -> str:
        """Return who asks whom for what, in one line."""
        return in_one_line(self.body.summary)

    @property
    def consent(self) -> str:
        """Return what signers consent to."""
        return in_one_line(self.body.consent)

    @property
    def responsible_body(self) -> str:
        """Return who answers for the petition."""
        return self.body.responsible_body

    @property
    def sharing_notice(self) -> str:
        """Return what to heed before passing the petition on, or ""."""
        return in_one_line(self.body.sharing_notice)

    @property
    def thanks(self) -> str:
        """Return the organisers' words after confirming, or ""."""
        return in_one_line(getattr(self.petition, f"thanks_{self.language}") or "")

    @cached_property
    def body_html(self) -> SafeString:
        """Return the text as HTML, which most pages about a petition do not show."""
        return render_markdown(self.body.body)

    @cached_property
    def safety_notice_html(self) -> SafeString:
        """Return the safety notice as HTML."""
        return render_markdown(self.body.safety_notice)

    @cached_property
    def closing_words_html(self) -> SafeString:
        """Return the words for a petition that is closed as HTML."""
        return render_markdown(getattr(self.petition, f"closing_words_{self.language}") or "")

    @cached_property
    def _recipients(self) -> list[tuple[str, str]]:
        if self.version:
            of_version = self.shown.recipients.select_related("recipient")
            return [(entry.recipient.name_in(self.language), entry.profile) for entry in of_version]
        return [(entry.name_in(self.language), entry.profile) for entry in self.petition.recipients.all()]

    @property
    def names_recipients(self) -> list[str]:
        """Return who gets the list of names."""
        return [name for name, profile in self._recipients if profile == Profile.NAMES]

    @property
    def totals_recipients(self) -> list[str]:
        """Return who gets numbers only."""
        return [name for name, profile in self._recipients if profile == Profile.TOTALS]

    @property
    def phase(self) -> str:
        """Return the phase; of a draft the one that it would be in if it were opened now."""
        if self.shown.phase != Phase.DRAFT:
            return self.shown.phase
        opens_at = self.petition.opens_at
        return Phase.UPCOMING if opens_at is not None and opens_at > datetime.now(UTC) else Phase.OPEN

    @property
    def is_open(self) -> bool:
        """Return whether it takes signatures; a draft is shown with its form, whenever it opens."""
        return self.shown.phase in {Phase.OPEN, Phase.DRAFT}

    @property
    def is_closed(self) -> bool:
        """Return whether it takes no signatures any more."""
        return self.shown.phase == Phase.CLOSED

    @property
    def opens_later(self) -> bool:
        """Return whether it is to take signatures, and takes none yet."""
        return self.shown.phase == Phase.UPCOMING

    @cached_property
    def when(self) -> str:
        """Return a sentence on the hours in which it takes signatures, or ""."""
        return when_told(self.phase, self.petition.opens_at, self.petition.closes_at)

    @property
    def opened_on(self) -> date | None:
        """Return the UTC day on which it opened, or None before that."""
        return _utc_day(self.petition.opens_at) if self.phase != Phase.UPCOMING else None

    @property
    def counted_since(self) -> date | None:
        """Return the UTC day since when it is counted here, or None where that is no later than the opening.

        A campaign that began elsewhere: where it began here, the two are one day, or the draft came before.
        """
        created_on = _utc_day(self.petition.created_at)
        return created_on if self.opened_on and created_on and created_on > self.opened_on else None

    @property
    def purged_on(self) -> date | None:
        """Return the UTC day on which the signers' data was erased, or None."""
        return _utc_day(self.petition.purged_at)

    @property
    def description(self) -> str:
        """Return what other sites show beside a link: the summary, and before it from when on one can sign."""
        return f"{self.when} {self.summary}" if self.opens_later else self.summary

    @property
    def share_links(self) -> list[tuple[str, str]]:
        """Return the name and the link of each place that the petition can be passed on to."""
        places = [SharePlace(place) for place in self.petition.share_places]
        return share_links(absolute(self.url), self.title, places)


def published_page(version: TextVersion, language: str) -> PetitionPage:
    """Return a published text as its pages show it: in a language, or else in the text's first."""
    return PetitionPage(version, version.body_in(language), version.page_languages)


def draft_page(petition: Petition, language: str) -> PetitionPage:
    """Return the draft as it would look, for organisers."""
    version = TextVersion(
        petition=petition,
        number=0,
        contact=petition.contact,
        asks_city=petition.asks_city,
        protection=petition.protection,
    )
    version.phase = Phase.DRAFT
    parts = {part: getattr(petition, f"{part}_{language}") or "" for part in TEXT_PARTS}
    return PetitionPage(version, TextVersionBody(language=language, **parts), petition.ordered_languages)


def _utc_day(instant: datetime | None) -> date | None:
    return instant.astimezone(UTC).date() if instant is not None else None
