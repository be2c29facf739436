"""Campaigns, ways to publish their numbers, and what somebody who reads all of them works out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from signatures.counting.figures import FORMS, OTHERS, Figures, Truth, plan_release, published_cells, text_cell

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

    :param columns: of the ledger, forms and changes among them
    :param names: of each country, the public names that stood beside its number when that was new, and those that came
        since; that one has left says only what its owner let everyone know before
    :param beside: how many names stood beside the count when that was new, and have come since
    """

    count: int
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    columns: Mapping[str, int]
    names: Mapping[str, int]
    beside: int


@dataclass
class Campaign:
    """A campaign as it stands, and how it came there."""

    signers: dict[int, Signer] = field(default_factory=dict)
    columns: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    waiting: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)

    def enter(self, person: int, signer: Signer) -> None:
        """Let somebody sign, or change a signature."""
        self.forms["submitted"] += 1
        self.forms["expired"] += person % 5 == 0
        if person in self.signers:
            self.forms["changed"] += 1
        else:
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
        columns=dict(campaign.columns + campaign.forms),
        names=campaign.names(public),
        beside=len(public),
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
    names: Counter[str] = field(default_factory=Counter)
    beside: int = 0

    def publish(self, campaign: Campaign) -> Publication:
        """Make a release if enough people wait, and return what anyone may read."""
        if campaign.people() >= 10:
            self._release(campaign)
        return Publication(
            count=self.figures.count,
            countries=published_cells(self.figures.countries),
            languages=published_cells(self.figures.languages),
            columns={**published_cells(self.figures.columns), **self.figures.flows},
            names=dict(self.names),
            beside=self.beside,
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
            texts={text_cell(1, is_named=True): len(public), text_cell(1, is_named=False): count - len(public)},
            columns=columns,
            withdrawn=len(campaign.left),
            changed=len(campaign.waiting & campaign.released),
            reasons={},
            forms={name: campaign.forms[name] for name in FORMS},
            shown=campaign.names(campaign.shown),
            pending=pending,
        )
        plan = plan_release(self.figures, truth)
        if plan.figures == self.figures and not plan.names:
            return
        before, self.figures = self.figures, plan.figures
        for country, amount in plan.names.items():
            waiting = sorted(p for p in public - campaign.shown if campaign.signers[p].country == country)
            campaign.shown |= set(waiting[:amount])
        self._remember(before, campaign.names(campaign.shown), plan.names)
        campaign.waiting.clear()
        campaign.left.clear()
        campaign.released = set(campaign.signers)

    def _remember(self, before: Figures, listed: Counter[str], new: Mapping[str, int]) -> None:
        """Note the names beside the numbers as a watcher does, who knows nothing but the pages."""
        old, cells = before.countries.cells, self.figures.countries.cells
        for country in COUNTRIES:
            stays = country in cells and cells[country] == old.get(country)
            self.names[country] = self.names[country] + new.get(country, 0) if stays else listed[country]
        is_new = self.figures.count != before.count
        self.beside = listed.total() if is_new else self.beside + sum(new.values())


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
    then, now = (
        {country: of.countries[country] - of.names.get(country, 0) for country in COUNTRIES if country in of.countries}
        for of in (before, after)
    )
    hidden, change = after.count - after.beside, (after.count - after.beside) - (before.count - before.beside)
    return (
        _few(hidden)
        + _few(change)
        + sum(_few(amount) for amount in now.values())
        + sum(_few(amount - then[country]) for country, amount in now.items() if country in then)
    )


def learned_from_ledger(before: Publication, after: Publication) -> int:
    """Return how many columns tell of a few people by what they grew."""
    return sum(_few(amount - before.columns.get(name, 0)) for name, amount in after.columns.items())


def _few(number: int) -> bool:
    return abs(number) in FEW
