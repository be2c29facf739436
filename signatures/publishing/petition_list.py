"""The data for the list of petitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from signatures.counting.progress import next_goal
from signatures.counting.published import published_counts
from signatures.links import petition_url
from signatures.models import TextVersion, TextVersionBody
from signatures.models.choices import Phase
from signatures.texts.petition_state import signing_period
from signatures.texts.plain_printer import plain_text

# Petitions on a page; one more is read to see whether another page follows.
PETITIONS_PER_PAGE = 50
ERASURES_SHOWN = 50


@dataclass(frozen=True)
class PetitionCard:
    """A petition in the list.

    :param language: the language of its texts: that of the list, or else the petition's first
    :param when: a sentence on when it takes signatures, or ""
    :param goal: the next goal, or None if it takes no signatures
    """

    language: str
    url: str
    title: str
    summary: str
    phase: str
    when: str
    count: int | None
    goal: int | None
    is_answered: bool
    closing_words: str
    responsible_body: str
    contact: str

    @property
    def state(self) -> str:
        """Return the translated name of the phase."""
        return str(Phase(self.phase).label)


@dataclass(frozen=True)
class CardPage:
    """A page of the list.

    :param number: page number, starting at 1
    :param has_more: whether another page follows
    """

    language: str
    cards: list[PetitionCard]
    number: int
    has_more: bool

    @property
    def newer_url(self) -> str:
        """Return the path of the previous page."""
        return self._url(self.number - 1)

    @property
    def older_url(self) -> str:
        """Return the path of the next page."""
        return self._url(self.number + 1)

    def _url(self, number: int) -> str:
        if number == 1:
            return reverse("petition_list", kwargs={"language": self.language})
        return reverse("petition_list_page", kwargs={"language": self.language, "number": number})


def petition_cards(language: str, number: int = 1) -> CardPage:
    """Return a page of the public petitions: the open ones, then those that open later, then the closed ones.

    Each is shown in the given language if its text has it, or else in its first. Within each group, those that opened
    last come first. The number of queries is constant.

    :param number: page number, starting at 1
    """
    start = (number - 1) * PETITIONS_PER_PAGE
    versions = list(TextVersion.objects.all().newest_of_public().listed()[start : start + PETITIONS_PER_PAGE + 1])
    shown = versions[:PETITIONS_PER_PAGE]
    bodies = _bodies(shown, language)
    counts = published_counts({version.petition_id: version.rules for version in shown})
    cards = [
        PetitionCard(
            language=bodies[version.pk].language,
            url=petition_url("petition", bodies[version.pk].language, version.petition.slug),
            title=bodies[version.pk].title,
            summary=bodies[version.pk].summary,
            phase=version.phase,
            when=signing_period(version.phase, version.petition.opens_at, version.petition.closes_at),
            count=counts[version.petition_id],
            goal=next_goal(counts[version.petition_id] or 0, version.petition.goal)
            if version.phase == Phase.OPEN
            else None,
            is_answered=version.is_answered,
            closing_words=plain_text(getattr(version.petition, f"closing_words_{bodies[version.pk].language}") or ""),
            responsible_body=bodies[version.pk].responsible_body,
            contact=version.contact,
        )
        for version in shown
    ]
    return CardPage(language, cards, number, has_more=len(versions) > PETITIONS_PER_PAGE)


@dataclass(frozen=True)
class Erasure:
    """A petition whose signers' data will be erased.

    :param language: the language of the title
    :param day: the UTC day of the erasure
    """

    title: str
    language: str
    day: date


def coming_erasures(language: str) -> list[Erasure]:
    """Return the petitions whose signers' data will be erased, soonest first."""
    versions = list(TextVersion.objects.all().newest_of_public().to_be_erased()[:ERASURES_SHOWN])
    bodies = _bodies(versions, language)
    return [
        Erasure(bodies[version.pk].title, bodies[version.pk].language, version.petition.erase_on)
        for version in versions
        if version.petition.erase_on is not None
    ]


def _bodies(versions: list[TextVersion], language: str) -> dict[int, TextVersionBody]:
    """Return the text of each version in a language, or else in its first, without loading the long fields."""
    bodies = TextVersionBody.objects.defer("body", "consent", "changes").filter(version__in=versions)
    found = {(body.version_id, body.language): body for body in bodies}
    return {version.pk: found[version.pk, version.language_for(language)] for version in versions}
