"""Parses rates in django-ratelimit's notation, such as 30/m or 300/2h."""

from __future__ import annotations

import re
from dataclasses import dataclass

NOTATION = re.compile(r"(?P<amount>0|[1-9][0-9]*)/(?P<period>(?P<times>[1-9][0-9]*)?(?P<unit>[smhd]))")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}


@dataclass(frozen=True)
class Rate:
    """An amount per period.

    :param period: as written, such as ``m`` or ``2h``
    :param seconds: the length of the period
    """

    amount: int
    period: str
    seconds: int

    @classmethod
    def read(cls, text: str) -> Rate:
        """Parse a rate.

        :raises ValueError: if the notation is invalid
        """
        found = NOTATION.fullmatch(text)
        if found is None:
            raise ValueError(text)
        seconds = int(found["times"] or 1) * UNIT_SECONDS[found["unit"]]
        return cls(int(found["amount"]), found["period"], seconds)

    def times(self, share: int) -> str:
        """Return the combined rate of this many visitors, in the same notation."""
        return f"{self.amount * share}/{self.period}"
