"""What the list of petitions is given to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from signatures.counting.published import published_numbers
from signatures.links import petition_url
from signatures.models import Petition, TextVersionBody


@dataclass(frozen=True)
class PetitionCard:
    """A petition in the list."""

    url: str
    title: str
    summary: str
    count: int | None
    responsible_body: str
    contact: str
    erase_on: date | None


def petition_cards(language: str) -> list[PetitionCard]:
    """Return the public petitions in a language, the newest first."""
    cards = []
    for petition in Petition.objects.public().annotate(newest=Max("text_versions__number")).order_by("-opens_at", "id"):
        body = TextVersionBody.objects.select_related("version").get(
            version__petition=petition, version__number=petition.newest, language=language
        )
        cards.append(
            PetitionCard(
                url=petition_url("petition", language, petition.slug),
                title=body.title,
                summary=body.summary,
                count=published_numbers(petition, body.version.rules).count,
                responsible_body=body.responsible_body,
                contact=body.version.contact,
                erase_on=petition.erase_on if petition.purged_at is None else None,
            )
        )
    return cards
