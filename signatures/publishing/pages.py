"""What the list of petitions is given to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from signatures.counting.published import published_numbers
from signatures.links import petition_url
from signatures.models import Petition, TextVersionBody
from signatures.models.choices import Phase
from signatures.texts.course import when_told


@dataclass(frozen=True)
class PetitionCard:
    """A petition in the list.

    :param when: a sentence on the hours in which it takes signatures, or ""
    """

    url: str
    title: str
    summary: str
    phase: str
    when: str
    count: int | None
    responsible_body: str
    contact: str
    erase_on: date | None


# Those that can be signed stand first.
PHASES = [Phase.OPEN, Phase.UPCOMING, Phase.CLOSED]


def petition_cards(language: str) -> list[PetitionCard]:
    """Return the public petitions in a language: the open ones, those that open later, the closed ones.

    Of each kind the newest stands first.
    """
    cards = []
    petitions = Petition.objects.public().with_phase().annotate(newest=Max("text_versions__number"))
    for petition in petitions.order_by("-opens_at", "id"):
        phase = petition.phase
        body = TextVersionBody.objects.select_related("version").get(
            version__petition=petition, version__number=petition.newest, language=language
        )
        cards.append(
            PetitionCard(
                url=petition_url("petition", language, petition.slug),
                title=body.title,
                summary=body.summary,
                phase=phase,
                when=when_told(phase, petition.opens_at, petition.closes_at),
                count=published_numbers(petition, body.version.rules).count,
                responsible_body=body.responsible_body,
                contact=body.version.contact,
                erase_on=petition.erase_on if petition.purged_at is None else None,
            )
        )
    return sorted(cards, key=lambda card: PHASES.index(Phase(card.phase)))
