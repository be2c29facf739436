"""Recognises secrets that nobody made at random: placeholders, repetitions, alphabets."""

from __future__ import annotations

import re
from itertools import pairwise

# Words of examples. A random secret holds one of them once in millions of millions.
PLACEHOLDER = re.compile(
    r"change[-_ ]?(?:me|this)|replace[-_ ]?(?:me|this)|placeholder|insecure|your[-_ ]|example|password|secret[-_ ]",
    re.IGNORECASE,
)
# Different groups of three letters: 32 random characters have about 30 of them, even if they are hexadecimal.
GROUPS_MIN = 24
# The same for shorter values, as a part of the groups that there are.
GROUPS_SHARE = 0.5
# Neighbours that are equal or follow each other in the alphabet: a fifth in hexadecimal, fewer elsewhere.
STEPS_SHARE = 2 / 3


def weakness(value: str, decoded: bytes = b"") -> str:
    """Return what makes a secret easy to guess, or an empty text if it looks random.

    Passphrases made of many different words pass: how they were chosen does not show.

    :param value: a secret that is long enough
    :param decoded: the bytes that it stands for, if it is a key in base64
    """
    if PLACEHOLDER.search(value):
        return "a placeholder"
    groups = [value[start : start + 3] for start in range(len(value) - 2)]
    if len(set(groups)) < min(GROUPS_MIN, GROUPS_SHARE * len(groups)):
        return "the same few characters again and again"
    if _is_row(value.encode()) or _is_row(decoded):
        return "characters in a row"
    return ""


def _is_row(values: bytes) -> bool:
    steps = [abs(second - first) <= 1 for first, second in pairwise(values)]
    return bool(steps) and sum(steps) > STEPS_SHARE * len(steps)
