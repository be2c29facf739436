"""Simulates campaigns, ways to publish their numbers, and what an observer of all publications can infer."""

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
    """Everything that is public at one moment.

    :param columns: columns of the ledger, including forms and changes
    :param names: by country, the public names beside its number when that was new, plus those added since; a name that
        left reveals only what its owner had made public
    :param beside: how many names were beside the count when that was new, plus those added since
    """

    count: int
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    columns: Mapping[str, int]
    names: Mapping[str, int]
    beside: int


@dataclass
class Campaign:
    """The current state of a campaign, and its movements since the last release."""

    signers: dict[int, Signer] = field(default_factory=dict)
    columns: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    waiting: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)
    allowed: set[int] = field(default_factory=set)
    is_reviewed: bool = False

    def enter(self, person: int, signer: Signer) -> None:
        """Add or change a signature."""
        self.forms["submitted"] += 1
        self.forms["expired"] += person % 5 == 0
        if person in self.signers:
            self.forms["changed"] += 1
        else:
            self.columns["confirmed"] += 1
        if self.signers.get(person) != signer:
            self.shown.discard(person)
            self.allowed.discard(person)
        self.signers[person] = signer
        self.waiting.add(person)

    def leave(self, person: int) -> None:
        """Withdraw a signature."""
        if self.signers.pop(person, None) is None:
            return
        self.columns["withdrawn"] += 1
        self.waiting.discard(person)
        self.shown.discard(person)
        self.allowed.discard(person)
        if person in self.released:
            self.left.add(person)

    def review(self, person: int, *, is_allowed: bool) -> None:
        """Let a name be shown to everyone, or hide it, as an organiser does; nobody moves by that."""
        if person in self.signers and is_allowed:
            self.allowed.add(person)
        else:
            self.allowed.discard(person)
            self.shown.discard(person)

    def public(self) -> set[int]:
        """Return the people whose names may be shown."""
        chosen = {person for person, signer in self.signers.items() if signer.is_public}
        return chosen & self.allowed if self.is_reviewed else chosen

    def people(self) -> int:
        """Return a lower bound of the people waiting for a release."""
        return max(len(self.waiting), len(self.left))

    def by(self, key: str) -> Counter[str]:
        """Return the number of signers by country or language."""
        return Counter(getattr(signer, key) for signer in self.signers.values())

    def names(self, people: set[int]) -> Counter[str]:
        """Return the number of the given people by country."""
        return Counter(self.signers[person].country for person in people)


def exact(campaign: Campaign) -> Publication:
    """Publish as an early version did: an exact count, small cells merged each time, names and ledger at once."""
    public = campaign.public()
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
    """Publishes in releases, as the site does."""

    figures: Figures = field(default_factory=Figures)
    names: Counter[str] = field(default_factory=Counter)
    beside: int = 0

    def publish(self, campaign: Campaign) -> Publication:
        """Make a release if enough people wait, and return what is public."""
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
        public = campaign.public()
        named = sum(signer.is_public for signer in campaign.signers.values())
        pending = campaign.names(public - campaign.shown)
        count = len(campaign.signers)
        columns = {"confirmed": campaign.columns["confirmed"], "withdrawn": -campaign.columns["withdrawn"]}
        truth = Truth(
            count=count,
            countries=campaign.by("country"),
            languages=campaign.by("language"),
            texts={text_cell(1, is_named=True): named, text_cell(1, is_named=False): count - named},
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
        """Record the names beside the numbers, as an observer can who only reads the pages."""
        old, cells = before.countries.cells, self.figures.countries.cells
        for country in COUNTRIES:
            stays = country in cells and cells[country] == old.get(country)
            self.names[country] = self.names[country] + new.get(country, 0) if stays else listed[country]
        is_new = self.figures.count != before.count
        self.beside = listed.total() if is_new else self.beside + sum(new.values())


def learned_from_count(before: Publication, after: Publication) -> int:
    """Return 1 if the count, or its change, reveals a group of one to nine people."""
    return int(_few(after.count) or _few(after.count - before.count))


def learned_from_splits(before: Publication, after: Publication) -> int:
    """Return how many cells reveal a group of one to nine people, by their number or by its change."""
    return sum(
        _few(cell) or (name in old and _few(cell - old[name]))
        for old, new in ((before.countries, after.countries), (before.languages, after.languages))
        for name, cell in new.items()
    )


def learned_from_names(before: Publication, after: Publication) -> int:
    """Return how often the public names leave one to nine hidden people, in all and in each published country."""
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
    """Return how many columns of the ledger reveal a group of one to nine people by their growth."""
    return sum(_few(amount - before.columns.get(name, 0)) for name, amount in after.columns.items())


def _few(number: int) -> bool:
    return abs(number) in FEW
