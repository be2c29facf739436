"""The rule of ten for repeatedly published numbers: no number, and no change of one, stands for one to nine people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

CELL_MIN = 10
# The key of the rest in Split.gone.
REST = ""


def is_large(number: int) -> bool:
    """Return whether a number, or a change of one, stands for nobody or for at least ten."""
    return number == 0 or abs(number) >= CELL_MIN


@dataclass(frozen=True)
class Split:
    """A total split into cells; what is in no cell is the rest.

    :param cells: amounts by name; a cell may be older than the total, and differ from the truth by fewer than ten
    :param gone: last published amounts of cells that are part of the rest now
    :param known: by cell, how many of its people anyone can identify, say by their public names; for an unchanged
        number this includes those who have left the list since
    :param seen: by cell, how many names were public when the total last changed, plus the names shown since
    :param is_signed: whether cells may be negative, for subtracted parts
    """

    total: int
    cells: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)
    is_signed: bool = False

    @property
    def rest(self) -> int:
        """Return the part of the total that is in no cell."""
        return self.total - sum(self.cells.values())

    @property
    def known_rest(self) -> int:
        """Return how many people of the rest anyone can identify."""
        return sum(amount for name, amount in self.known.items() if name not in self.cells)

    def hidden(self, name: str) -> int:
        """Return how many people of a cell nobody can identify; 0 for a missing cell."""
        return self.cells[name] - self.known.get(name, 0) if name in self.cells else 0

    def is_fit(self, number: int) -> bool:
        """Return whether a number may be published in this split."""
        return is_large(number) and (self.is_signed or number >= 0)


@dataclass(frozen=True)
class Step:
    """A split to publish, and the names to show with it.

    :param names: how many pending names to show, by cell
    """

    split: Split
    names: Mapping[str, int] = field(default_factory=dict)


def next_step(
    before: Split,
    total: int,
    truth: Mapping[str, int],
    shown: Mapping[str, int] | None = None,
    pending: Mapping[str, int] | None = None,
    *,
    suits: Callable[[Split], bool] | None = None,
) -> Step | None:
    """Return the most up-to-date split that may follow the one published before, or None if there is none.

    Each cell is updated to the truth if it differs by ten or more, and otherwise stays. If that breaks the rule, fewer
    cells are updated, and then cells are merged into the rest, the smallest first. As many names are shown as possible
    without leaving one to nine people unnamed.

    :param total: the total to be published, equal to the one before or different by ten or more
    :param truth: the exact amount of each cell
    :param shown: how many names of each cell are public already
    :param pending: how many names of each cell wait to be shown
    :param suits: a further condition that the split must meet
    """
    candidates = _candidates(before, total, truth, shown or {})
    fit = (candidate for candidate in candidates if may_follow(before, candidate))
    split = next((candidate for candidate in fit if suits is None or suits(candidate)), None)
    return None if split is None else _with_names(before, split, pending or {})


def may_follow(before: Split, after: Split) -> bool:
    """Return whether a split may be published after another without revealing a group of one to nine people.

    Checked are the total, each cell, the rest and the complement of each cell, and their differences, with and without
    the people whom anyone can identify.
    """
    hidden, hidden_before = (split.total - sum(split.known.values()) for split in (after, before))
    return (
        is_large(after.total - before.total)
        and after.is_fit(hidden)
        and is_large(hidden - hidden_before)
        and _seen_may_follow(before, after)
        and (not after.cells or _rest_may_follow(before, after))
        and all(_cell_may_follow(before, after, name) for name in after.cells)
    )


def _seen_may_follow(before: Split, after: Split) -> bool:
    """Return whether nobody can infer that a person whose name has left the list still counts without it.

    A changed total is current, and so are the names beside it: their difference must not be one to nine people. The
    same holds for the rest together with the cells that stayed while names left them, since one of these may be older
    than the total.
    """
    if after.total == before.total:
        return True
    hidden, hidden_before = (split.total - sum(split.seen.values()) for split in (after, before))
    older = {
        name
        for name in after.cells.keys() & before.cells.keys()
        if after.cells[name] == before.cells[name] and after.known.get(name, 0) > after.seen.get(name, 0)
    }
    left = after.rest + sum(after.cells[name] for name in older)
    left -= sum(amount for name, amount in after.seen.items() if name in older or name not in after.cells)
    return after.is_fit(hidden) and is_large(hidden - hidden_before) and (not older or after.is_fit(left))


def _rest_may_follow(before: Split, after: Split) -> bool:
    hidden, *changes = _hidden_of_rest(before, after)
    # The rest together with all cells that are part of it in only one of the two splits.
    stayed = before.cells.keys() & after.cells.keys()
    others, others_before = (split.total - sum(split.cells[name] for name in stayed) for split in (after, before))
    return (
        after.is_fit(after.rest)
        and after.is_fit(hidden)
        and is_large(after.rest - before.rest)
        and is_large(after.rest - before.gone.get(REST, before.rest))
        and is_large(others - others_before)
        and all(map(is_large, changes))
    )


def _cell_may_follow(before: Split, after: Split, name: str) -> bool:
    new = after.cells[name]
    hidden, hidden_change = _hidden_of_cell(before, after, name)
    if not (after.is_fit(new) and after.is_fit(hidden)):
        return False
    if name not in before.cells:
        return is_large(new - before.gone.get(name, 0))
    change = new - before.cells[name]
    return (
        is_large(change) and (change == 0 or is_large(after.total - before.total - change)) and is_large(hidden_change)
    )


def _candidates(before: Split, total: int, truth: Mapping[str, int], shown: Mapping[str, int]) -> Iterator[Split]:
    """Yield splits to try, the most detailed first; the last has no cells."""
    cells = dict(before.cells)
    # Possible updates of cells, later sorted by the size of the change; a cell of fewer than ten joins the rest.
    changes = {name: value if before.is_fit(value) else 0 for name, value in truth.items()}
    changes |= {name: 0 for name in cells if name not in truth}
    changes = {name: value for name, value in changes.items() if abs(value - cells.get(name, 0)) >= CELL_MIN}
    order = sorted(changes, key=lambda name: (-abs(changes[name] - cells.get(name, 0)), name))
    for kept in range(len(order), -1, -1):
        tried = cells | {name: changes[name] for name in order[:kept]}
        yield _split(before, total, {name: value for name, value in tried.items() if value}, shown)
    while cells:
        del cells[min(cells, key=lambda name: (cells[name], name))]
        yield _split(before, total, dict(cells), shown)


def _split(before: Split, total: int, cells: Mapping[str, int], shown: Mapping[str, int]) -> Split:
    last = {**before.gone, **before.cells}
    if before.cells:
        last[REST] = before.rest
    gone = {name: value for name, value in last.items() if name not in cells and not (name == REST and cells)}
    rest = total - sum(cells.values())
    # An unchanged number dates from a time when those who have left the list since were still on it.
    stayed = {name for name in {*before.known, *shown} if cells.get(name) == before.cells.get(name)}
    if rest != before.rest or cells.keys() != before.cells.keys():
        stayed &= cells.keys()
    known = {name: max(before.known.get(name, 0), shown.get(name, 0)) for name in stayed}
    seen = shown if total != before.total else before.seen
    return Split(total, cells, gone, _amounts({**shown, **known}), _amounts(seen), before.is_signed)


def _amounts(of: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in of.items() if amount}


def _with_names(before: Split, split: Split, pending: Mapping[str, int]) -> Step:
    """Add as many names as may be shown without leaving one to nine people of a cell or the rest unnamed."""
    groups = [{name: amount} for name, amount in pending.items() if name in split.cells]
    groups += [{name: amount for name, amount in pending.items() if name not in split.cells}]
    choices = [choice for group in groups if (choice := _names_of(before, split, group))]
    choices.sort(key=lambda choice: -sum(choice.values()))
    for kept in range(len(choices), 0, -1):
        names = {name: amount for choice in choices[:kept] for name, amount in choice.items()}
        tried = _showing(split, names)
        if may_follow(before, tried):
            return Step(tried, names)
    return Step(split)


def _names_of(before: Split, split: Split, group: Mapping[str, int]) -> dict[str, int]:
    """Return the largest number of names of one cell, or of the rest, that may be shown on its own."""
    order = sorted(group, key=lambda name: (-group[name], name))
    all_names = sum(group.values())
    if not all_names:
        return {}
    is_cell = order[0] in split.cells
    hidden = _hidden_of_cell(before, split, order[0]) if is_cell else _hidden_of_rest(before, split)
    # All, or as many as reduce one of these numbers to zero or to ten.
    amounts = {all_names, *hidden, *(number - CELL_MIN for number in hidden)}
    for amount in sorted((amount for amount in amounts if 0 < amount <= all_names), reverse=True):
        left, names = amount, dict[str, int]()
        for name in order:
            names[name] = min(left, group[name])
            left -= names[name]
        tried = _showing(split, names)
        if _cell_may_follow(before, tried, order[0]) if is_cell else _rest_may_follow(before, tried):
            return {name: number for name, number in names.items() if number}
    return {}


def _hidden_of_cell(before: Split, after: Split, name: str) -> list[int]:
    """Return how many people of a cell nobody can identify, and the change of that number."""
    return [after.hidden(name), after.hidden(name) - before.hidden(name)]


def _hidden_of_rest(before: Split, after: Split) -> list[int]:
    """Return both for the rest, and the change for the rest together with the cells that joined or left it."""
    stayed = before.cells.keys() & after.cells.keys()
    others = [
        split.total
        - sum(split.cells[name] for name in stayed)
        - sum(amount for name, amount in split.known.items() if name not in stayed)
        for split in (after, before)
    ]
    rest, rest_before = (split.rest - split.known_rest for split in (after, before))
    return [rest, rest - rest_before, others[0] - others[1]]


def _showing(split: Split, names: Mapping[str, int]) -> Split:
    known, seen = (
        {name: of.get(name, 0) + names.get(name, 0) for name in {*of, *names}} for of in (split.known, split.seen)
    )
    return replace(split, known=known, seen=seen)
