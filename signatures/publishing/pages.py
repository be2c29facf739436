"""What the public lists are given to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from signatures.links import petition_url
from signatures.models import Petition, TextVersionBody
from signatures.safeguarding.countries import country_names

SIGNERS_PER_PAGE = 100


@dataclass(frozen=True)
class PetitionCard:
    """A petition in the list."""

    url: str
    title: str
    summary: str
    count: int
    responsible_body: str
    contact: str
    erase_on: date | None


@dataclass(frozen=True)
class SignerLine:
    """A public signer: the name, the country, and the reason if an organiser has approved it."""

    name: str
    country: str
    reason: str | None


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
                count=petition.tallies.all().count_signatures(),
                responsible_body=body.responsible_body,
                contact=body.version.contact,
                erase_on=petition.erase_on if petition.purged_at is None else None,
            )
        )
    return cards


def signers_page(petition: Petition, language: str, after: int | None) -> tuple[list[SignerLine], int | None]:
    """Return a page of public signers, the newest first, and where the next page starts, if there is one.

    :param after: row number after which the page starts, or None for the first page
    """
    rows = petition.signatures.all().public()
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.values("id", "name", "country", "reason", "reason_approved")[: SIGNERS_PER_PAGE + 1])
    shown = found[:SIGNERS_PER_PAGE]
    names = country_names(language)
    lines = [
        SignerLine(row["name"] or "", names.get(row["country"], ""), row["reason"] if row["reason_approved"] else None)
        for row in shown
    ]
    return lines, shown[-1]["id"] if len(found) > SIGNERS_PER_PAGE else None
