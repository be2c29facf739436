"""The rule of ten for numbers that are published again and again: no number, and no change of one, stands for a few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CELL_MIN = 10
# What the rest last stood at, among what cells last stood at.
REST = ""


def is_large(number: int) -> bool:
    """Return whether a number, or a change of one, stands for nobody or for at least ten."""
    return number == 0 or abs(number) >= CELL_MIN


@dataclass(frozen=True)
class Split:
    """A total and the part of it that each cell holds; what no cell holds is the rest.

    :param cells: by name; a cell may be older than the total, by fewer than ten
    :param gone: what cells last stood at that are part of the rest now
    :param known: how many of each cell's people anyone can tell apart, say by their public names; by cell
    :param is_signed: whether a cell may stand for what was taken off
    """

    total: int
    cells: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    is_signed: bool = False

    @property
    def rest(self) -> int:
        """Return what is in no cell."""
        return self.total - sum(self.cells.values())

    @property
    def known_rest(self) -> int:
        """Return how many people of the rest anyone can tell apart."""
        return sum(amount for name, amount in self.known.items() if name not in self.cells)

    def hidden(self, name: str) -> int:
        """Return how many people of a cell nobody can tell apart; none of a cell that is not there."""
        return self.cells[name] - self.known.get(name, 0) if name in self.cells else 0

    def is_fit(self, number: int) -> bool:
        """Return whether a number may stand in this split."""
        return is_large(number) and (self.is_signed or number >= 0)


def next_split(before: Split, total: int, truth: Mapping[str, int], known: Mapping[str, int]) -> Split | None:
    """Return the newest split that may follow one published before, or None where there is none.

    Each cell goes on to the truth if it differs by ten or more, and otherwise stays. Where the rule does not hold then,
    cells stay that could have gone on, and after that cells become part of the rest, the smallest first.

    :param total: the total to be published, which differs from the one before by nothing or by ten or more
    :param truth: what each cell holds now
    :param known: see Split
    """
    return next((split for split in _candidates(before, total, truth, known) if may_follow(before, split)), None)


def may_follow(before: Split, after: Split) -> bool:
    """Return whether a split can be published after another so that neither, nor the difference, tells of a few people.

    Looked at are the total, each cell, the rest and the complement of each cell, with and without the people whom
    anyone can tell apart.
    """
    hidden, hidden_before = (split.total - sum(split.known.values()) for split in (after, before))
    return (
        is_large(after.total - before.total)
        and after.is_fit(hidden)
        and is_large(hidden - hidden_before)
        and (not after.cells or _rest_may_follow(before, after))
        and all(_cell_may_follow(before, after, name) for name in after.cells)
    )


def _rest_may_follow(before: Split, after: Split) -> bool:
    hidden, hidden_before = (split.rest - split.known_rest for split in (after, before))
    # What the rest and the cells that became part of it, or were, come to together.
    stayed = before.cells.keys() & after.cells.keys()
    others, others_before = (split.total - sum(split.cells[name] for name in stayed) for split in (after, before))
    known, known_before = (
        sum(amount for name, amount in split.known.items() if name not in stayed) for split in (after, before)
    )
    return (
        after.is_fit(after.rest)
        and is_large(after.rest - before.rest)
        and is_large(after.rest - before.gone.get(REST, before.rest))
        and is_large(others - others_before)
        and is_large(others - known - others_before + known_before)
        and after.is_fit(hidden)
        and is_large(hidden - hidden_before)
    )


def _cell_may_follow(before: Split, after: Split, name: str) -> bool:
    new, hidden = after.cells[name], after.hidden(name)
    if not (after.is_fit(new) and after.is_fit(hidden)):
        return False
    if name not in before.cells:
        return is_large(new - before.gone.get(name, 0))
    change = new - before.cells[name]
    return (
        is_large(change)
        and (change == 0 or is_large(after.total - before.total - change))
        and is_large(hidden - before.hidden(name))
    )


def _candidates(before: Split, total: int, truth: Mapping[str, int], known: Mapping[str, int]) -> Iterator[Split]:
    """Yield splits to try, the ones that tell most first; the last has no cells."""
    cells = dict(before.cells)
    # Changes of cells that may be made, the largest first: a cell of fewer than ten becomes part of the rest.
    changes = {name: value if before.is_fit(value) else 0 for name, value in truth.items()}
    changes |= {name: 0 for name in cells if name not in truth}
    changes = {name: value for name, value in changes.items() if abs(value - cells.get(name, 0)) >= CELL_MIN}
    order = sorted(changes, key=lambda name: (-abs(changes[name] - cells.get(name, 0)), name))
    for kept in range(len(order), -1, -1):
        tried = cells | {name: changes[name] for name in order[:kept]}
        yield _split(before, total, {name: value for name, value in tried.items() if value}, known)
    while cells:
        del cells[min(cells, key=lambda name: (cells[name], name))]
        yield _split(before, total, dict(cells), known)


def _split(before: Split, total: int, cells: Mapping[str, int], known: Mapping[str, int]) -> Split:
    last = {**before.gone, **before.cells}
    if before.cells:
        last[REST] = before.rest
    gone = {name: value for name, value in last.items() if name not in cells and not (name == REST and cells)}
    return Split(total, cells, gone, known, before.is_signed)
