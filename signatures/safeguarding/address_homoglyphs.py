"""Letters of an address that look like others, so that two addresses would be read as one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from signatures.homoglyphs import scripts_of, to_latin
from signatures.safeguarding.domain_scripts import CONFUSED_SCRIPTS

LATIN = "LATIN"


@dataclass(frozen=True)
class OddLetter:
    """A letter that does not belong where it stands.

    :param place: of which character of the address it is, from 1 on
    :param script: the name of its alphabet, as in Unicode: LATIN, CYRILLIC, GREEK
    """

    place: int
    letter: str
    script: str


def odd_letters(address: str) -> list[OddLetter]:
    """Return the letters of an address that another alphabet draws alike and that stand among, or for, that one's.

    :param address: in letters, its domain as well
    """
    found: list[OddLetter] = []
    local, at, domain = address.rpartition("@")
    for first, part in ((1, local), (len(local) + len(at) + 1, domain)):
        # All of it looks Latin: whoever reads it takes it for that.
        deceives = to_latin(part).isascii()
        place = first
        for label in part.split("."):
            odd = _foreign(label, deceives=deceives)
            found += [OddLetter(place + n, c, _script(c)) for n, c in enumerate(label) if c in odd]
            place += len(label) + 1
    return found


def _foreign(label: str, *, deceives: bool) -> set[str]:
    """Return the letters of a label that are not of its alphabet."""
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
