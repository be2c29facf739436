"""Finds look-alike letters in an address, by which two addresses could be mistaken for each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from signatures.homoglyphs import scripts_of, to_latin
from signatures.safeguarding.domain_scripts import CONFUSED_SCRIPTS

LATIN = "LATIN"


@dataclass(frozen=True)
class OddLetter:
    """A letter from a different alphabet than its neighbours.

    :param place: its position in the address, counted from 1
    :param script: the name of its alphabet, as in Unicode: LATIN, CYRILLIC, GREEK
    """

    place: int
    letter: str
    script: str


def odd_letters(address: str) -> list[OddLetter]:
    """Return letters that look like those of another alphabet and are mixed with, or stand in for, that alphabet.

    :param address: with its domain in letters, too, not in ASCII
    """
    found: list[OddLetter] = []
    local, at, domain = address.rpartition("@")
    for first, part in ((1, local), (len(local) + len(at) + 1, domain)):
        # The whole part looks Latin, so readers take it for Latin.
        deceives = to_latin(part).isascii()
        place = first
        for label in part.split("."):
            odd = _foreign(label, deceives=deceives)
            found += [OddLetter(place + n, c, _script(c)) for n, c in enumerate(label) if c in odd]
            place += len(label) + 1
    return found


def _foreign(label: str, *, deceives: bool) -> set[str]:
    """Return the letters of a label that do not belong to its main alphabet."""
    letters = [c for c in label if c.isalpha()]
    scripts = Counter(_script(c) for c in letters)
    if deceives:
        return {c for c in letters if not c.isascii()}
    if len(scripts_of(label) & CONFUSED_SCRIPTS) > 1:
        own = max(scripts, key=lambda script: (scripts[script], script == LATIN))
        return {c for c in letters if _script(c) != own}
    return set()


def _script(letter: str) -> str:
    return next(iter(scripts_of(letter)), "")
