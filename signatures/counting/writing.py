"""Writes tally rows, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from signatures.models import HourTally, Signature, Tally
from signatures.models.choices import StateReason, TallyKind


@dataclass(frozen=True)
class Dimensions:
    """The fields by which tally rows are broken down."""

    source: str
    country: str
    language: str
    visibility: str

    def __str__(self) -> str:
        """Return the codes."""
        return f"{self.source} {self.country} {self.language} {self.visibility}"

    @classmethod
    def of(cls, signature: Signature) -> Dimensions:
        """Return the current dimensions of a signature."""
        return cls(signature.source, signature.country, signature.language, signature.visibility)


@dataclass(frozen=True)
class Event:
    """Something that happened to a number of signatures or attempts with equal dimensions.

    :param reason: code of the removal, for REMOVED only
    :param amount: how many; negative for CORRECTION only
    """

    kind: TallyKind
    dimensions: Dimensions
    reason: StateReason | None = None
    amount: int = 1


def write_tally(petition_id: int, events: Iterable[Event]) -> None:
    """Insert a daily and an hourly row for each event, in two statements."""
    events = list(events)
    Tally.objects.bulk_create(
        Tally(
            petition_id=petition_id,
            kind=event.kind,
            reason=event.reason or "",
            source=event.dimensions.source,
            country=event.dimensions.country,
            language=event.dimensions.language,
            visibility=event.dimensions.visibility,
            amount=event.amount,
        )
        for event in events
    )
    HourTally.objects.bulk_create(
        HourTally(petition_id=petition_id, kind=event.kind, amount=event.amount) for event in events
    )
