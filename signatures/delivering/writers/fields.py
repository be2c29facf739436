"""The fields of a list: what every writer takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Cell = str | int | date
Row = Mapping[str, Cell]


@dataclass(frozen=True)
class Field:
    """One field of each row of a list.

    :param key: its key in a row
    :param header: the heading of its column
    :param is_text: whether somebody typed it, so that a spreadsheet could interpret it as a formula
    """

    key: str
    header: str
    is_text: bool = False
