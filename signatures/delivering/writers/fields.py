"""The fields of a list, as every writer is given them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Cell = str | int | date
Row = Mapping[str, Cell]


@dataclass(frozen=True)
class Field:
    """One field of each row of a list.

    :param key: under which a row has it
    :param header: heading of its column
    :param is_text: whether it was typed by somebody, so that a spreadsheet could take it for a formula
    """

    key: str
    header: str
    is_text: bool = False
