"""Campaigns, ways to publish their numbers, and what somebody who reads all of them works out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from signatures.counting.figures import FLOWS, OTHERS, Figures, Truth, plan_release, published_cells

COUNTRIES = ("BY", "PL", "LT", "DE", "UA")
FEW = range(1, 10)


@dataclass(frozen=True)
class Signer:
    """Somebody who has signed."""

    country: str
    language: str
    is_public: bool


@dataclass(frozen=True)
class Publication:
    """All that anyone may read at one moment.

    :param names: public names by country as they stood beside these numbers; that one left since says only what its
        owner let everyone know before
    """

    count: int
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    columns: Mapping[str, int]
    names: Mapping[str, int]


@dataclass
class Campaign:
    """A campaign as it stands, and how it came there."""

    signers: dict[int, Signer] = field(default_factory=dict)
    columns: Counter[str] = field(default_factory=Counter)
    waiting: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)

    def enter(self, person: int, signer: Signer) -> None:
        """Let somebody sign, or change a signature."""
        if person not in self.signers:
            self.columns["confirmed"] += 1
        if self.signers.get(person) != signer:
            self.shown.discard(person)
        self.signers[person] = signer
        self.waiting.add(person)

    def leave(self, person: int) -> None:
        """Let somebody withdraw."""
        if self.signers.pop(person, None) is None:
            return
        self.columns["withdrawn"] += 1
        self.waiting.discard(person)
        self.shown.discard(person)
        if person in self.released:
            self.left.add(person)

    def people(self) -> int:
        """Return how many people wait, at least."""
        return max(len(self.waiting), len(self.left))

    def by(self, key: str) -> Counter[str]:
        """Return how many signers there are of each country or language."""
        return Counter(getattr(signer, key) for signer in self.signers.values())

    def names(self, people: set[int]) -> Counter[str]:
        """Return how many of some people there are of each country."""
        return Counter(self.signers[person].country for person in people)


def exact(campaign: Campaign) -> Publication:
    """Publish as the site once did: an exact count, small cells merged at each moment, names and ledger at once."""
    public = {person for person, signer in campaign.signers.items() if signer.is_public}
    return Publication(
        count=len(campaign.signers),
        countries=_merged(campaign.by("country")),
        languages=_merged(campaign.by("language")),
        columns=dict(campaign.columns),
        names=campaign.names(public),
    )


def _merged(cells: Counter[str]) -> dict[str, int]:
    kept = sorted(((count, key) for key, count in cells.items() if count >= 10), reverse=True)
    rest = sum(count for count in cells.values() if count < 10)
    while 0 < rest < 10 and kept:
        rest += kept.pop()[0]
    return {key: count for count, key in kept} | ({OTHERS: rest} if rest >= 10 else {})


@dataclass
class Releases:
    """Publishes as the site does now."""

    figures: Figures = field(default_factory=Figures)

    def publish(self, campaign: Campaign) -> Publication:
        """Make a release if enough people wait, and return what anyone may read."""
        if campaign.people() >= 10:
            self._release(campaign)
        return Publication(
            count=self.figures.count,
            countries=published_cells(self.figures.countries),
            languages=published_cells(self.figures.languages),
            columns=published_cells(self.figures.columns),
            names=self.figures.countries.known,
        )

    def _release(self, campaign: Campaign) -> None:
        public = {person for person, signer in campaign.signers.items() if signer.is_public}
        pending = campaign.names(public - campaign.shown)
        count = len(campaign.signers)
        columns = {"confirmed": campaign.columns["confirmed"], "withdrawn": -campaign.columns["withdrawn"]}
        truth = Truth(
            count=count,
            countries=campaign.by("country"),
            languages=campaign.by("language"),
            versions={"1": count},
            named={"7": len(public)},
            columns=columns,
            reasons={},
            flows=dict.fromkeys(FLOWS, count),
            shown=campaign.names(campaign.shown),
            pending=pending,
        )
        plan = plan_release(self.figures, truth)
        if plan.figures == self.figures and not plan.names:
            return
        self.figures = plan.figures
        for country, amount in plan.names.items():
            waiting = sorted(p for p in public - campaign.shown if campaign.signers[p].country == country)
            campaign.shown |= set(waiting[:amount])
        campaign.waiting.clear()
        campaign.left.clear()
        campaign.released = set(campaign.signers)


def learned_from_count(before: Publication, after: Publication) -> int:
    """Return 1 if the count tells of a few people, by itself or by its change."""
    return int(_few(after.count) or _few(after.count - before.count))


def learned_from_splits(before: Publication, after: Publication) -> int:
    """Return how many cells tell of a few people: by themselves, or by their change where they stood before."""
    return sum(
        _few(cell) or (name in old and _few(cell - old[name]))
        for old, new in ((before.countries, after.countries), (before.languages, after.languages))
        for name, cell in new.items()
    )


def learned_from_names(before: Publication, after: Publication) -> int:
    """Return how many hidden people the public names leave over, in all and in each country that is told."""

    def hidden(of: Publication) -> Iterator[tuple[str, int]]:
        yield "", of.count - sum(of.names.values())
        for country, amount in of.countries.items():
            if country != OTHERS:
                yield country, amount - of.names.get(country, 0)

    then = dict(hidden(before))
    return sum(_few(amount) for _, amount in hidden(after)) + sum(
        _few(amount - then[place]) for place, amount in hidden(after) if place in then
    )


def learned_from_ledger(before: Publication, after: Publication) -> int:
    """Return how many columns tell of a few people by what they grew."""
    return sum(_few(amount - before.columns.get(name, 0)) for name, amount in after.columns.items())


def _few(number: int) -> bool:
    return abs(number) in FEW
