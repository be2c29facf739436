"""Draws numbers as bars whose heights and widths come in steps, since no page may hold a style of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext

from signatures.counting.watching import Moment

# Classes of the stylesheet: h-0, h-4 and so on to h-100.
STEP = 4
LARGEST = 10


@dataclass(frozen=True)
class Bar:
    """One bar of a strip, and its row in the table.

    :param when: the day or hour in words
    :param change: by how much the count changed, with its sign
    :param height: in percent of the strip, a multiple of STEP
    :param is_down: whether the count fell
    """

    when: str
    change: str
    height: int
    is_down: bool


@dataclass(frozen=True)
class Strip:
    """Bars side by side.

    :param bars: the oldest first
    :param largest: the first of those with the largest growth
    """

    bars: list[Bar]
    largest: Bar

    @property
    def is_flat(self) -> bool:
        """Return whether nothing has changed in any of them."""
        return not any(bar.height for bar in self.bars)

    @property
    def has_falls(self) -> bool:
        """Return whether the count fell in any of them."""
        return any(bar.is_down for bar in self.bars)


@dataclass(frozen=True)
class Share:
    """A part of a whole.

    :param percent: of the whole, 0 to 100
    """

    name: str
    amount: int
    percent: int

    @property
    def in_percent(self) -> str:
        """Return the percentage as the language writes it."""
        return gettext("%(n)s%%") % {"n": self.percent}


def strip_of(moments: Sequence[Moment], words: Callable[[datetime], str]) -> Strip:
    """Return a bar for each moment; any change at all can be seen."""
    highest = max(abs(amount) for _, amount in moments) or 1
    bars = [
        Bar(words(moment), signed(amount), -(-abs(amount) * 100 // (highest * STEP)) * STEP, amount < 0)
        for moment, amount in moments
    ]
    amounts = [amount for _, amount in moments]
    return Strip(bars, bars[amounts.index(max(amounts))])


def day_in_words(moment: datetime) -> str:
    """Return the day without its year."""
    return date_format(moment, "MONTH_DAY_FORMAT")


def hour_in_words(moment: datetime) -> str:
    """Return the day and the hour."""
    return f"{date_format(moment, 'MONTH_DAY_FORMAT')}, {date_format(moment, 'TIME_FORMAT')}"


def signed(amount: int) -> str:
    """Return a change with its sign, as people write it."""
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{intcomma(abs(amount))}"


def share(name: str, amount: int, whole: int) -> Share:
    """Return a part with its percentage, which is never beyond the whole."""
    return Share(name, amount, min(max(round(100 * amount / whole), 0), 100) if whole > 0 else 0)


def shares(amounts: Mapping[str, int], names: Mapping[str, str], rest: str = "") -> list[Share]:
    """Return the parts of a split, the largest first.

    :param amounts: by code, the largest first
    :param names: of the codes
    :param rest: the name of the smaller ones together, after the largest ten; "" for no such part
    """
    whole = sum(amounts.values())
    largest = list(amounts.items())[: LARGEST if rest else None]
    found = [share(str(names.get(code, code)), amount, whole) for code, amount in largest]
    others = whole - sum(amount for _, amount in largest)
    return [*found, share(rest, others, whole)] if len(amounts) > len(largest) else found
