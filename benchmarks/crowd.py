"""Invents an honest crowd that arrives after a report on television, and a botnet among it; always the same ones."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, count

LARGE = ("gmail.com", "mail.ru", "yandex.ru", "wp.pl", "outlook.com", "tut.by", "ukr.net", "icloud.com")
LARGE_SHARE = 0.75
# Providers of one region each, which nobody has entered among the large ones: each so many of all, before the report,
# and after it, which was on a regional channel.
REGIONAL = ("regional-one.example", "regional-two.example", "regional-three.example")
REGIONAL_SHARE_BEFORE, REGIONAL_SHARE = 0.02, 0.03
SMALL_DOMAINS = 2000
FIRST = 60
LAST = 400
# As names are spread: the most frequent first name has about 6 % of all, the most frequent surname about 3 %.
FIRST_EXPONENT, LAST_EXPONENT, DOMAIN_EXPONENT = 0.7, 0.6, 1.0
COUNTRIES_BEFORE = {"BY": 40, "PL": 20, "LT": 15, "DE": 10, "UA": 8, "US": 7}
COUNTRIES = {"PL": 45, "BY": 30, "LT": 10, "DE": 8, "UA": 4, "US": 3}
SYLLABLES = ("ba", "ko", "lu", "mi", "ne", "ra", "so", "ta", "ve", "zy", "an", "el", "ir", "os", "uk", "wa")
NUMBERS = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody who confirms, or a fake."""

    address: str
    name: str
    country: str
    is_fake: bool


@dataclass(frozen=True)
class Botnet:
    """What the fakes of one attack have in common.

    :param domains: of the addresses; empty for accounts at large providers
    """

    title: str
    domains: Sequence[str]


BOTNETS = (
    Botnet("one catch-all domain", ["catch-all.example"]),
    Botnet("fifty domains", [f"bots-{number}.example" for number in range(50)]),
    Botnet("accounts at large providers", []),
)


class Crowd:
    """Draws people, by a seed."""

    def __init__(self, seed: int) -> None:
        """Make the names and domains that people share."""
        self.random = random.Random(seed)  # noqa: S311 - the same crowd every time
        self.first, self.last = self._words(FIRST), self._words(LAST)
        self.small = [f"{word.lower()}.example" for word in self._words(SMALL_DOMAINS)]

    def _words(self, amount: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < amount:
            found["".join(self.random.choices(SYLLABLES, k=3)).capitalize()] = None
        return list(found)

    def honest(self, *, before: bool = False) -> Person:
        """Return somebody honest, of those who signed before the report or of those who saw it."""
        regional = REGIONAL_SHARE_BEFORE if before else REGIONAL_SHARE
        drawn = self.random.random()
        if drawn < LARGE_SHARE:
            domain = self.random.choice(LARGE)
        elif drawn < LARGE_SHARE + regional * len(REGIONAL):
            domain = self.random.choice(REGIONAL)
        else:
            domain = self._zipf(self.small, DOMAIN_EXPONENT)
        name = f"{self._zipf(self.first, FIRST_EXPONENT)} {self._zipf(self.last, LAST_EXPONENT)}"
        countries = COUNTRIES_BEFORE if before else COUNTRIES
        return Person(self._address(domain), name, self._country(countries), is_fake=False)

    def fake(self, botnet: Botnet) -> Person:
        """Return a fake: a name that looks real, and a country as the crowd has."""
        domain = self.random.choice(botnet.domains or LARGE)
        name = f"{self.random.choice(self.first)} {self.random.choice(self.last)}"
        return Person(self._address(domain), name, self._country(COUNTRIES), is_fake=True)

    def _address(self, domain: str) -> str:
        return f"person{next(NUMBERS)}@{domain}"

    def _country(self, weights: dict[str, int]) -> str:
        return self.random.choices([*weights], weights=[*weights.values()])[0]

    def _zipf(self, values: Sequence[str], exponent: float) -> str:
        return self.random.choices(values, cum_weights=_weights(len(values), exponent))[0]

    def arrivals(self, people: int, minutes: int, botnet: Botnet, fakes: int, attack: range) -> Iterator[list[Person]]:
        """Yield who confirms in each minute: people as after a report, fakes evenly while the attack lasts, mixed."""
        curve = [minute * math.exp(-minute / (minutes / 4)) for minute in range(minutes)]
        for minute, part in enumerate(curve):
            due = [self.honest() for _ in range(self._rounded(people * part / sum(curve)))]
            if minute in attack:
                due += [self.fake(botnet) for _ in range(self._rounded(fakes / len(attack)))]
            self.random.shuffle(due)
            yield due

    def _rounded(self, amount: float) -> int:
        return math.floor(amount) + (self.random.random() < amount % 1)


@cache
def _weights(amount: int, exponent: float) -> list[float]:
    return list(accumulate((number + 1) ** -exponent for number in range(amount)))
