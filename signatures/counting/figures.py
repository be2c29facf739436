"""The published numbers of a petition, and the plan for the next release from the exact ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signatures.counting.rule_of_ten import CELL_MIN, Split, is_large, may_follow, next_step

# Numbers of forms sent and expired, and of people who changed their signature; none is part of the count.
FORMS = ("submitted", "expired")
CHANGED = "changed"
FLOWS = (*FORMS, CHANGED)
CONFIRMED = "confirmed"
WITHDRAWN = "withdrawn"
NAMED = "named"
NAMED_ENDING = ":named"
# The rest that is in no cell, where cells are published.
OTHERS = "other"


@dataclass(frozen=True)
class Figures:
    """The published numbers of one petition.

    :param count: signatures that count
    :param countries: signers by country; ``known`` are the publicly listed names
    :param languages: signers by the language they signed in
    :param texts: signers by text version, with a name or without; see text_cell
    :param beside: how many names were public when the published number of signers with a name last changed, plus the
        names shown since
    :param columns: the parts of the count by ledger column; subtracted parts are negative
    :param reasons: all removed signatures by reason
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
        """Return how many signed a text version, or None if that is not published."""
        return self._sum(text_cell(number, is_named=is_named) for is_named in (False, True))

    def named_in(self, numbers: Iterable[int]) -> int | None:
        """Return how many signed one of these text versions with a name, or None if that is not published."""
        return self._sum(text_cell(number, is_named=True) for number in numbers)

    def _sum(self, cells: Iterable[str]) -> int | None:
        # A cell that is not published may hold a few people, unless the cells add up to the total.
        amounts = [self.texts.cells.get(cell, None if self.texts.rest else 0) for cell in cells]
        return None if None in amounts or not self.texts.cells else sum(amount for amount in amounts if amount)


@dataclass(frozen=True)
class Truth:
    """The exact numbers at one moment; see Figures.

    :param columns: as in the tally: whoever withdrew and signed again is counted as often as that happened
    :param withdrawn: people who were counted in the previous release and have withdrawn since
    :param forms: numbers of forms sent and expired
    :param changed: people who have changed their signature since the previous release
    :param shown: numbers of names that are public already, by country
    :param pending: numbers of names that wait to be shown, by country
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
    """The content of the next release.

    :param names: how many of the pending names it shows, by country
    """

    figures: Figures
    names: Mapping[str, int]


def plan_release(before: Figures, truth: Truth) -> Plan:
    """Return the most exact figures that the rule of ten allows, and how many names may be shown with them."""
    # Fewer than ten are published as 0, which pages express in words.
    target = truth.count if truth.count >= CELL_MIN else 0
    count = target if is_large(target - before.count) else before.count
    for total in dict.fromkeys((count, before.count)):
        step = next_step(before.countries, total, truth.countries, truth.shown, truth.pending)
        if step is not None:
            names = sum(truth.shown.values()), sum(step.names.values())
            return Plan(_figures(before, truth, total, step.split, names), step.names)
    # After names have left the list, every other choice can reveal a small group of people: then nothing changes.
    return Plan(before, {})


def text_cell(number: int, *, is_named: bool) -> str:
    """Return the cell of those who signed a text version with a name, or without."""
    return f"{number}{NAMED_ENDING if is_named else ''}"


def _figures(before: Figures, truth: Truth, count: int, countries: Split, names: tuple[int, int]) -> Figures:
    columns = _next_split(before.columns, count, _columns(before, truth))

    def beside(texts: Split) -> int:
        # A changed number is compared with the names listed now; an unchanged one also with those that have left since.
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
    """Return the parts of the count, with withdrawals counted by people instead of events.

    One mailbox can withdraw and sign again ten times. So withdrawals are published separately only if ten or more
    people withdrew between two releases; all others are permanently subtracted from those who confirmed.
    """
    withdrawn = truth.columns.get(WITHDRAWN, 0)
    published = before.columns.cells.get(WITHDRAWN, 0) - (truth.withdrawn if truth.withdrawn >= CELL_MIN else 0)
    subtracted = withdrawn - published
    return {**truth.columns, CONFIRMED: truth.columns.get(CONFIRMED, 0) + subtracted, WITHDRAWN: published}


def _flows(before: Figures, truth: Truth) -> dict[str, int]:
    # One person can change a signature ten times, too, so ``changed`` counts people.
    flows = {**truth.forms, CHANGED: before.flows[CHANGED] + truth.changed}
    return {name: flows[name] if is_large(flows[name] - before.flows[name]) else before.flows[name] for name in FLOWS}


def _named(texts: Split, countries: Split, beside: int) -> Split:
    """Return the published number of signers with a name as a single cell, with ``beside`` as its known names."""
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
    """Return the cells of a split, the largest first, then the rest as OTHERS; empty if there are no cells."""
    cells = dict(sorted(split.cells.items(), key=lambda cell: (-cell[1], cell[0])))
    return {**cells, OTHERS: split.rest} if cells and split.rest else cells


def as_json(figures: Figures) -> dict[str, Any]:
    """Convert figures to the JSON that Release stores."""
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
    """Rebuild figures from the JSON that Release stores."""
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
