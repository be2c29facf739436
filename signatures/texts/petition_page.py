"""The data for a petition's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from django.utils.http import urlencode
from django.utils.safestring import SafeString

from signatures.languages import text_in
from signatures.links import PetitionUrls, absolute, share_links
from signatures.models import Petition, Picture, TextVersion, TextVersionBody
from signatures.models.choices import Phase, Profile, SharePlace
from signatures.models.protection import ProtectionRules
from signatures.texts.digest import TEXT_PARTS
from signatures.texts.html_printer import render_markdown
from signatures.texts.invisible import in_one_line
from signatures.texts.opening_words import bold_opening
from signatures.texts.petition_state import signing_period


@dataclass(frozen=True)
class PetitionPage:
    """A petition in one language: a published text, or the preview of a draft.

    :param shown: the text version; for a draft an unsaved one with the number 0
    :param body: its text in the language of the page
    :param languages: the languages of its pages
    """

    shown: TextVersion
    body: TextVersionBody
    languages: list[str]

    @property
    def petition(self) -> Petition:
        """Return the petition, for fields that take effect when saved rather than when published."""
        return self.shown.petition

    @property
    def slug(self) -> str:
        """Return the petition's name in URLs."""
        return self.petition.slug

    @property
    def language(self) -> str:
        """Return the language of the text."""
        return self.body.language

    @cached_property
    def urls(self) -> PetitionUrls:
        """Return the paths of the petition's pages by name."""
        return PetitionUrls(self.slug, self.language)

    @property
    def url(self) -> str:
        """Return the path of the petition's main page."""
        return self.urls["petition"]

    @property
    def text_url(self) -> str:
        """Return the path of this version of the text."""
        return self.urls.of("text_version", number=self.version or 1)

    @property
    def card_url(self) -> str:
        """Return the path of the share picture, which changes with what it shows: other sites cache it by address."""
        asked = {}
        if self.opens_later and self.petition.opens_at is not None:
            asked["opens"] = f"{int(self.petition.opens_at.timestamp())}"
        if self.picture is not None:
            asked["picture"] = self.picture.digest[:8]
        if self.rules.count_is_live and self.shown.phase == Phase.OPEN:
            asked["day"] = f"{datetime.now(UTC):%Y-%m-%d}"
        return f"{self.urls['card']}?{urlencode(asked)}" if asked else self.urls["card"]

    @cached_property
    def picture(self) -> Picture | None:
        """Return the header picture without its bytes, or None."""
        found: Picture | None = Picture.objects.filter(petition=self.petition).without_bytes().first()
        return found

    @property
    def picture_alt(self) -> str:
        """Return what can be seen on the header picture."""
        return text_in(self.picture, "alt", self.language)

    @property
    def picture_caption(self) -> str:
        """Return the line below the header picture in the language of the page, or ""."""
        return getattr(self.picture, f"caption_{self.language}", None) or ""

    @property
    def version(self) -> int:
        """Return the number of the text version."""
        return self.shown.number

    @property
    def contact(self) -> str:
        """Return the organisers' e-mail address."""
        return self.shown.contact

    @property
    def asks_city(self) -> bool:
        """Return whether signers are asked for their city."""
        return self.shown.asks_city

    @property
    def rules(self) -> ProtectionRules:
        """Return the rules of the level of protection."""
        return self.shown.rules

    @cached_property
    def title(self) -> str:
        """Return the title in one line, as used in headings, mails and pictures."""
        return in_one_line(self.body.title)

    @cached_property
    def summary(self) -> str:
        """Return the summary in one line: who asks whom for what."""
        return in_one_line(self.body.summary)

    @property
    def consent(self) -> str:
        """Return the consent statement."""
        return in_one_line(self.body.consent)

    @property
    def responsible_body(self) -> str:
        """Return who is responsible for the petition."""
        return self.body.responsible_body

    @property
    def sharing_notice(self) -> str:
        """Return the warning shown before sharing the petition, or ""."""
        return in_one_line(self.body.sharing_notice)

    @property
    def thanks(self) -> str:
        """Return the organisers' thank-you after confirming, or ""."""
        return in_one_line(getattr(self.petition, f"thanks_{self.language}") or "")

    @cached_property
    def body_html(self) -> SafeString:
        """Return the text as HTML; rendered on demand, since most pages do not show it."""
        return render_markdown(self.body.body)

    @property
    def safety_opening_html(self) -> SafeString:
        """Return the bold words that the safety notice begins with as HTML, or all of it if there are none."""
        return bold_opening(self.body.safety_notice)[0]

    @property
    def safety_rest_html(self) -> SafeString:
        """Return what follows those words as HTML, or ""."""
        return bold_opening(self.body.safety_notice)[1]

    @cached_property
    def closing_words_html(self) -> SafeString:
        """Return the closing words as HTML, shown once the petition is closed."""
        return render_markdown(getattr(self.petition, f"closing_words_{self.language}") or "")

    @cached_property
    def _recipients(self) -> list[tuple[str, str]]:
        if self.version:
            of_version = self.shown.recipients.select_related("recipient")
            return [(entry.recipient.name_in(self.language), entry.profile) for entry in of_version]
        return [(entry.name_in(self.language), entry.profile) for entry in self.petition.recipients.all()]

    @property
    def names_recipients(self) -> list[str]:
        """Return the names of the recipients that get the list of names."""
        return [name for name, profile in self._recipients if profile == Profile.NAMES]

    @property
    def totals_recipients(self) -> list[str]:
        """Return the names of the recipients that get numbers only."""
        return [name for name, profile in self._recipients if profile == Profile.TOTALS]

    @property
    def phase(self) -> str:
        """Return the phase; for a draft, the phase it would be in if opened now."""
        if self.shown.phase != Phase.DRAFT:
            return self.shown.phase
        opens_at = self.petition.opens_at
        return Phase.UPCOMING if opens_at is not None and opens_at > datetime.now(UTC) else Phase.OPEN

    @property
    def is_open(self) -> bool:
        """Return whether it takes signatures; a draft is always shown with its form."""
        return self.shown.phase in {Phase.OPEN, Phase.DRAFT}

    @property
    def is_closed(self) -> bool:
        """Return whether it takes no signatures any more."""
        return self.shown.phase == Phase.CLOSED

    @property
    def opens_later(self) -> bool:
        """Return whether it will take signatures but doesn't yet."""
        return self.shown.phase == Phase.UPCOMING

    @cached_property
    def when(self) -> str:
        """Return a sentence on when it takes signatures, or ""."""
        return signing_period(self.phase, self.petition.opens_at, self.petition.closes_at)

    @property
    def opened_on(self) -> date | None:
        """Return the UTC day on which it opened, or None before that."""
        return _utc_day(self.petition.opens_at) if self.phase != Phase.UPCOMING else None

    @property
    def counted_since(self) -> date | None:
        """Return the UTC day on which counting began here, or None if that is not after the opening.

        It is later only for a campaign that began elsewhere.
        """
        created_on = _utc_day(self.petition.created_at)
        return created_on if self.opened_on and created_on and created_on > self.opened_on else None

    @property
    def purged_on(self) -> date | None:
        """Return the UTC day on which the signers' data was erased, or None."""
        return _utc_day(self.petition.purged_at)

    @property
    def mails_news(self) -> bool:
        """Return whether anybody can ask for the news by mail."""
        petition = self.petition
        is_wanted = petition.news_by_mail and petition.purged_at is None
        return is_wanted and self.rules.offers_news_by_mail and self.version > 0

    @property
    def description(self) -> str:
        """Return the description that other sites show beside a link: when one can sign, and the summary."""
        return f"{self.when} {self.summary}" if self.opens_later else self.summary

    @property
    def share_links(self) -> list[tuple[str, str]]:
        """Return name and URL of each share link."""
        places = [SharePlace(place) for place in self.petition.share_places]
        return share_links(absolute(self.url), self.title, places)


def published_page(version: TextVersion, language: str) -> PetitionPage:
    """Return the page of a published text in a language, or in the text's first language if it lacks this one."""
    return PetitionPage(version, version.body_in(language), version.page_languages)


def draft_page(petition: Petition, language: str) -> PetitionPage:
    """Return the preview of the draft for organisers."""
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
