"""Tells what stands out among the newest signatures of a petition from what its own past leads one to expect.

Everything here is computed from a sample of rows; ``docs/waves.md`` explains the thresholds and how well they do.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signatures.models.choices import WaveKind

Trait = bytes | str | int


@dataclass(frozen=True)
class Row:
    """One signature of the sample.

    :param traits: what it may have in common with others; a kind that does not apply is missing
    :param is_past: whether it may stand for the campaign's own past: it counts, or only the trap has held it
    """

    pk: int
    at: datetime
    traits: dict[WaveKind, Trait]
    is_past: bool


@dataclass(frozen=True)
class Window:
    """A span up to now, and how many signatures with something in common it takes there.

    :param told: so many are told to organisers
    :param held: so many start a standing hold
    :param of_swarm: so many are enough for one of a swarm of mail domains
    """

    length: timedelta
    told: int
    held: int
    of_swarm: int


# The widest comes first, so that a wave is found from its beginning. A mailing list or a lecture hall brings ten people
# from one domain in ten minutes now and then, but rarely thirty; the longer the span, the more of them come honestly.
WINDOWS = (
    Window(timedelta(days=1), told=30, held=150, of_swarm=12),
    Window(timedelta(hours=1), told=20, held=60, of_swarm=6),
    Window(timedelta(minutes=10), told=10, held=30, of_swarm=4),
)


@dataclass(frozen=True)
class Measure:
    """How much is too much of a kind.

    :param told: so many times as many as chance explains are told to organisers: after a report on television a
        crowd is another one than before, and a regional provider's part of it may well double
    :param held: so many times as many start a standing hold
    :param unknown: which part of all may have a value in common of which the past knows nothing
    :param past_min: how many rows of the past it takes for a comparison
    """

    told: float
    held: float = math.inf
    unknown: float = 1.0
    past_min: int = 0


# Without a past, one domain that is no large provider may be the tenth part; with the signers of one office it is more,
# which organisers call fine. Full names repeat far less: even the most frequent ones are about the thousandth part of a
# crowd. Of countries, languages and texts only the past says what is usual: they are told when they are three times
# what chance explains, and never held, since a stranger could shut out a whole country.
MEASURES = {
    WaveKind.DOMAIN: Measure(told=2, held=5, unknown=0.1),
    WaveKind.NAME: Measure(told=2, held=5, unknown=0.02),
    WaveKind.TRAP: Measure(told=2, unknown=0.05),
    WaveKind.COUNTRY: Measure(told=3, past_min=100),
    WaveKind.LANGUAGE: Measure(told=3, past_min=100),
    WaveKind.VERSION: Measure(told=3, past_min=100),
}
# Several domains at once that each stand out are no chance: then each is held that is told. A swarm of many is told and
# held though each of them has only a few, still more than chance explains.
DOMAINS_AT_ONCE = 5
SWARM_MIN = 10
# Deviations of chance (Poisson) that the past's own number may be too small by; the same number of rows is added, for
# of a value that is missing among n rows the true part is below 3 / n in nineteen of twenty cases.
DEVIATIONS = 3
# A slow drip is no burst in any window: a hundredth part of all signatures of thirty days, and at least a hundred.
DRIP_MIN = 100
DRIP_SHARE = 0.01


@dataclass
class Finding:
    """Something that stands out.

    :param pks: the rows in the sample that have it in common, newest first
    :param is_held: whether new ones shall be held
    """

    kind: WaveKind
    value: Trait
    amount: int
    expected: float
    since: datetime
    last_at: datetime
    pks: list[int]
    is_held: bool = False

    @property
    def striking(self) -> float:
        """Return how far the amount is from what was to be expected, in the deviations of chance."""
        return (self.amount - self.expected) / math.sqrt(self.expected + 1)


def find(rows: Sequence[Row], now: datetime) -> list[Finding]:
    """Return what stands out, most striking first; of each value the widest window in which it does.

    :param rows: newest first
    """
    found: dict[tuple[WaveKind, Trait], Finding] = {}
    for window in WINDOWS:
        begin = now - window.length
        recent = [row for row in rows if row.at >= begin]
        past = [row for row in rows if row.at < begin and row.is_past]
        by_kind = {kind: _in_window(recent, past, window, kind) for kind in MEASURES}
        by_kind[WaveKind.DOMAIN] = _with_swarm(by_kind[WaveKind.DOMAIN], window)
        for findings in by_kind.values():
            for finding in findings:
                first = found.setdefault((finding.kind, finding.value), finding)
                first.is_held = first.is_held or finding.is_held
    return sorted(found.values(), key=lambda finding: -finding.striking)


def _in_window(recent: Sequence[Row], past: Sequence[Row], window: Window, kind: WaveKind) -> list[Finding]:
    """Return what stands out in one way; of mail domains also what does so only as one of a swarm."""
    measure = MEASURES[kind]
    before, earlier = _amounts(past, kind)
    amounts, total = _amounts(recent, kind)
    if earlier < measure.past_min:
        return []
    found = []
    for value, amount in amounts.items():
        if amount < (window.of_swarm if kind == WaveKind.DOMAIN else window.told):
            continue
        known = before[value]
        told, held = (total * _share(known, earlier, factor, measure) for factor in (measure.told, measure.held))
        if amount > told:
            same = [row for row in recent if row.traits.get(kind) == value]
            finding = _finding(kind, value, same, total * known / earlier if earlier else 0.0)
            finding.is_held = amount >= window.held and amount > held
            found.append(finding)
    return found


def _with_swarm(domains: list[Finding], window: Window) -> list[Finding]:
    """Return the mail domains that are told, each of them held if that many at once are no chance."""
    large = [domain for domain in domains if domain.amount >= window.told]
    told = domains if len(domains) >= SWARM_MIN else large
    if len(told) >= DOMAINS_AT_ONCE:
        for domain in told:
            domain.is_held = True
    return told


def _amounts(rows: Iterable[Row], kind: WaveKind) -> tuple[Counter[Trait], int]:
    """Return how many rows there are by value, and of how many in all: of names, those that have one."""
    every = list(rows)
    amounts = Counter(row.traits[kind] for row in every if kind in row.traits)
    return amounts, amounts.total() if kind == WaveKind.NAME else len(every)


def _share(known: int, earlier: int, factor: float, measure: Measure) -> float:
    """Return which part of all may have a value in common before it is too much.

    :param known: how many had it among the ``earlier`` ones
    :param factor: how many times what chance explains
    """
    if factor == math.inf:
        return math.inf
    if not earlier:
        return measure.unknown
    explained = factor * (known + DEVIATIONS * math.sqrt(known) + DEVIATIONS) / earlier
    # A short past explains almost anything.
    return min(explained, max(measure.unknown, factor * known / earlier))


def _finding(kind: WaveKind, value: Trait, same: Sequence[Row], expected: float) -> Finding:
    times = [row.at for row in same]
    return Finding(kind, value, len(same), expected, min(times), max(times), [row.pk for row in same])


def frequent_domains(rows: Sequence[Row], limit: int) -> list[tuple[bytes, list[Row]]]:
    """Return the most frequent domain marks with their rows."""
    by_mark: dict[bytes, list[Row]] = defaultdict(list)
    for row in rows:
        mark = row.traits.get(WaveKind.DOMAIN)
        if isinstance(mark, bytes):
            by_mark[mark].append(row)
    return sorted(by_mark.items(), key=lambda item: -len(item[1]))[:limit]
