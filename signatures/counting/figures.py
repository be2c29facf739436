"""Everything that anyone may read of a petition's numbers, and what may be published of the truth after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signatures.counting.steps import CELL_MIN, Split, is_large, next_step

# How often something was sent or changed; none of these is part of the count.
FLOWS = ("submitted", "expired", "changed")
NAMED = "named"
# What is in no cell, where cells are published.
OTHERS = "other"


@dataclass(frozen=True)
class Figures:
    """The published numbers of one petition.

    :param count: signatures that count
    :param countries: where signers live; known are the names that everyone may see
    :param languages: in which language they signed
    :param versions: which text version they signed, by number
    :param named: for each recipient that is given names, by its row number, how many
    :param columns: what the count is made of; what was taken off is negative
    :param reasons: why signatures were removed, of all that were
    :param flows: see FLOWS
    """

    count: int = 0
    countries: Split = field(default_factory=lambda: Split(0))
    languages: Split = field(default_factory=lambda: Split(0))
    versions: Split = field(default_factory=lambda: Split(0))
    named: Mapping[str, Split] = field(default_factory=dict)
    columns: Split = field(default_factory=lambda: Split(0, is_signed=True))
    reasons: Split = field(default_factory=lambda: Split(0))
    flows: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(FLOWS, 0))


@dataclass(frozen=True)
class Truth:
    """The exact numbers of one moment; see Figures.

    :param shown: names that everyone may see already, by country
    :param pending: names that wait to be shown, by country
    """

    count: int
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    versions: Mapping[str, int]
    named: Mapping[str, int]
    columns: Mapping[str, int]
    reasons: Mapping[str, int]
    flows: Mapping[str, int]
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
            return Plan(_figures(before, truth, total, step.split), step.names)
    # Names that have left the list can make every other choice tell of a few people: all stays as it was.
    return Plan(before, {})


def _figures(before: Figures, truth: Truth, count: int, countries: Split) -> Figures:
    columns = _next_split(before.columns, count, truth.columns)
    names = {NAMED: sum(countries.known.values())}
    return Figures(
        count=count,
        countries=countries,
        languages=_next_split(before.languages, count, truth.languages),
        versions=_next_split(before.versions, count, truth.versions),
        named={
            key: _next_split(before.named.get(key, Split(0)), count, {NAMED: amount}, names)
            for key, amount in truth.named.items()
        },
        columns=columns,
        reasons=_next_split(before.reasons, -columns.cells.get("removed", 0), truth.reasons),
        flows={
            name: truth.flows[name] if is_large(truth.flows[name] - before.flows[name]) else before.flows[name]
            for name in FLOWS
        },
    )


def _next_split(before: Split, total: int, truth: Mapping[str, int], shown: Mapping[str, int] | None = None) -> Split:
    step = next_step(before, total, truth, shown)
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
        "versions": _split_as_json(figures.versions),
        "named": {key: _split_as_json(split) for key, split in figures.named.items()},
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
        versions=_split_of(data["versions"]),
        named={key: _split_of(split) for key, split in data["named"].items()},
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
        "is_signed": split.is_signed,
    }


def _split_of(data: Mapping[str, Any]) -> Split:
    return Split(**data)
