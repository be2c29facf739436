"""Everything that anyone may read of a petition's numbers, and what may be published of the truth after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signatures.counting.rule_of_ten import CELL_MIN, Split, is_large, may_follow, next_step

# How many forms were sent and lapsed, and how many people changed their signature; none is part of the count.
FORMS = ("submitted", "expired")
CHANGED = "changed"
FLOWS = (*FORMS, CHANGED)
CONFIRMED = "confirmed"
WITHDRAWN = "withdrawn"
NAMED = "named"
NAMED_ENDING = ":named"
# What is in no cell, where cells are published.
OTHERS = "other"


@dataclass(frozen=True)
class Figures:
    """The published numbers of one petition.

    :param count: signatures that count
    :param countries: where signers live; known are the names that everyone may see
    :param languages: in which language they signed
    :param texts: which text version they signed, with a name or without; see text_cell
    :param beside: how many names everyone could read when the number of those with a name was new, and has come to
        read since
    :param columns: what the count is made of; what was taken off is negative
    :param reasons: why signatures were removed, of all that were
    :param flows: see FLOWS
    """

    count: int = 0
    countries: Split = field(default_factory=lambda: Split(0))
    languages: Split = field(default_factory=lambda: Split(0))
    texts: Split = field(default_factory=lambda: Split(0))
    beside: int = 0
    columns: Split = field(default_factory=lambda: Split(0, is_signed=True))
    reasons: Split = field(default_factory=lambda: Split(0))
    flows: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(FLOWS, 0))

    def of_text(self, number: int) -> int | None:
        """Return how many signed a text version, or None where that is not published."""
        return self._sum(text_cell(number, is_named=is_named) for is_named in (False, True))

    def named_in(self, numbers: Iterable[int]) -> int | None:
        """Return how many signed one of these text versions with a name, or None where that is not published."""
        return self._sum(text_cell(number, is_named=True) for number in numbers)

    def _sum(self, cells: Iterable[str]) -> int | None:
        # A cell that is not told may hold a few people, unless all are told.
        amounts = [self.texts.cells.get(cell, None if self.texts.rest else 0) for cell in cells]
        return None if None in amounts or not self.texts.cells else sum(amount for amount in amounts if amount)


@dataclass(frozen=True)
class Truth:
    """The exact numbers of one moment; see Figures.

    :param columns: as the tally has it: somebody who withdrew and signed again is in it as often as that happened
    :param withdrawn: people whom the release before counted and who have withdrawn since
    :param forms: how many were sent and lapsed
    :param changed: people who have changed their signature since the release before
    :param shown: names that everyone may see already, by country
    :param pending: names that wait to be shown, by country
    """

    count: int
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    texts: Mapping[str, int]
    columns: Mapping[str, int]
    withdrawn: int
    changed: int
    reasons: Mapping[str, int]
    forms: Mapping[str, int]
    shown: Mapping[str, int]
    pending: Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """What is published next.

    :param names: how many of the names that wait are shown from now on, by country
    """

    figures: Figures
    names: Mapping[str, int]


def plan_release(before: Figures, truth: Truth) -> Plan:
    """Return the most that may be published of the truth, and how many names may be shown with it."""
    # Fewer than ten are published as none, which pages put into words.
    target = truth.count if truth.count >= CELL_MIN else 0
    count = target if is_large(target - before.count) else before.count
    for total in dict.fromkeys((count, before.count)):
        step = next_step(before.countries, total, truth.countries, truth.shown, truth.pending)
        if step is not None:
            names = sum(truth.shown.values()), sum(step.names.values())
            return Plan(_figures(before, truth, total, step.split, names), step.names)
    # Names that have left the list can make every other choice tell of a few people: all stays as it was.
    return Plan(before, {})


def text_cell(number: int, *, is_named: bool) -> str:
    """Return what those are called who signed a text version with a name, or without."""
    return f"{number}{NAMED_ENDING if is_named else ''}"


def _figures(before: Figures, truth: Truth, count: int, countries: Split, names: tuple[int, int]) -> Figures:
    columns = _next_split(before.columns, count, _columns(before, truth))

    def beside(texts: Split) -> int:
        # Beside a number that is new stand the names of now; beside one that stays also those that have left since.
        stays = _amounts_named(texts.cells) == _amounts_named(before.texts.cells)
        return (before.beside if stays else names[0]) + names[1]

    def suits(texts: Split) -> bool:
        named_before = _named(before.texts, before.countries, before.beside)
        return may_follow(named_before, _named(texts, countries, beside(texts)))

    texts = _next_split(before.texts, count, truth.texts, suits=suits)
    return Figures(
        count=count,
        countries=countries,
        languages=_next_split(before.languages, count, truth.languages),
        texts=texts,
        beside=beside(texts),
        columns=columns,
        reasons=_next_split(before.reasons, -columns.cells.get("removed", 0), truth.reasons),
        flows=_flows(before, truth),
    )


def _columns(before: Figures, truth: Truth) -> dict[str, int]:
    """Return what the count is made of, by people.

    One mailbox can withdraw and sign again ten times. So those who withdrew are told apart only where they are ten
    people or more from one release to the next; all others are taken off those who confirmed, for good.
    """
    withdrawn = truth.columns.get(WITHDRAWN, 0)
    told = before.columns.cells.get(WITHDRAWN, 0) - (truth.withdrawn if truth.withdrawn >= CELL_MIN else 0)
    folded = withdrawn - told
    return {**truth.columns, CONFIRMED: truth.columns.get(CONFIRMED, 0) + folded, WITHDRAWN: told}


def _flows(before: Figures, truth: Truth) -> dict[str, int]:
    # One person can change a signature ten times, too.
    flows = {**truth.forms, CHANGED: before.flows[CHANGED] + truth.changed}
    return {name: flows[name] if is_large(flows[name] - before.flows[name]) else before.flows[name] for name in FLOWS}


def _named(texts: Split, countries: Split, beside: int) -> Split:
    """Return all who are told to have signed with a name as one cell, beside the names that everyone may read."""
    cells, gone = ({NAMED: sum(amounts)} if (amounts := _amounts_named(of)) else {} for of in (texts.cells, texts.gone))
    seen = {NAMED: sum(countries.seen.values())}
    return Split(texts.total, cells, {} if cells else gone, {NAMED: beside}, seen)


def _amounts_named(cells: Mapping[str, int]) -> list[int]:
    return [amount for cell, amount in cells.items() if cell.endswith(NAMED_ENDING)]


def _next_split(
    before: Split, total: int, truth: Mapping[str, int], *, suits: Callable[[Split], bool] | None = None
) -> Split:
    step = next_step(before, total, truth, suits=suits)
    return before if step is None else step.split


def published_cells(split: Split) -> dict[str, int]:
    """Return the cells of a split, the largest first, and what is in none of them; nothing where there are no cells."""
    cells = dict(sorted(split.cells.items(), key=lambda cell: (-cell[1], cell[0])))
    return {**cells, OTHERS: split.rest} if cells and split.rest else cells


def as_json(figures: Figures) -> dict[str, Any]:
    """Return figures as they are stored."""
    return {
        "count": figures.count,
        "countries": _split_as_json(figures.countries),
        "languages": _split_as_json(figures.languages),
        "texts": _split_as_json(figures.texts),
        "beside": figures.beside,
        "columns": _split_as_json(figures.columns),
        "reasons": _split_as_json(figures.reasons),
        "flows": dict(figures.flows),
    }


def from_json(data: Mapping[str, Any]) -> Figures:
    """Return figures that were stored."""
    return Figures(
        count=data["count"],
        countries=_split_of(data["countries"]),
        languages=_split_of(data["languages"]),
        texts=_split_of(data["texts"]),
        beside=data["beside"],
        columns=_split_of(data["columns"]),
        reasons=_split_of(data["reasons"]),
        flows=data["flows"],
    )


def _split_as_json(split: Split) -> dict[str, Any]:
    return {
        "total": split.total,
        "cells": dict(split.cells),
        "gone": dict(split.gone),
        "known": dict(split.known),
        "seen": dict(split.seen),
        "is_signed": split.is_signed,
    }


def _split_of(data: Mapping[str, Any]) -> Split:
    return Split(**data)
