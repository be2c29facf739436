"""Which names wait until an organiser has looked at them, whatever the petition's setting is."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import lru_cache

from signatures.homoglyphs import to_latin_by_any_case
from signatures.normal_forms import normal_form

# Digits of every script, fractions, and numbers in circles. Not the numbers of China and Japan, which are in many
# names, nor Roman ones, which are letters.
DIGITS = {"Nd", "No"}
FULL_STOPS = str.maketrans("。", ".")
# An address of a mailbox or a website, or a handle, also if somebody wrote its signs in words or set them apart. A
# single letter after a stroke is no path: «s/o» means son of.
ADDRESS = re.compile(
    r"@|://|\\|/\w\w|\bwww\b|\bhttps?\b|\s\.\s*\w|\.\s+(?:com|net|org|info)\b"
    r"|[(\[{<]\s*(?:at|dot|собака|точка|сабака|кропка)\s*[)\]}>]"
)
WORDS_WITH_DOT = re.compile(r"(\w+)\.(\w\w+)")
# With a dot and no blank: «A.Puschkin», «Dr.Anna».
ABBREVIATION_MAX = 3
ENDINGS = frozenset(
    {"biz", "by", "club", "com", "info", "io", "me", "net", "online", "org", "ru", "shop", "site", "ua"}
)
PLAIN_WORD = re.compile(r"[^\W_]+")
BETWEEN_SINGLE_LETTERS = re.compile(r"(?<=\b\w) (?=\w\b)")
LISTS_REMEMBERED = 64


class Cause(Enum):
    """Why a name waits."""

    DIGITS = "DIGITS"
    ADDRESS = "ADDRESS"
    WORD = "WORD"


def must_wait(name: str, words: str) -> bool:
    """Return whether a name has digits, an address, or one of the words that organisers listed; see causes."""
    return bool(causes(name, words))


def causes(name: str, words: str) -> list[Cause]:
    """Return why a name waits: its digits, an address, or one of the words that organisers listed.

    :param words: one on each line; each is found wherever a word of the name begins with it, whatever the capitals and
        accents, and with letters that only look like its own
    """
    plain = normal_form("NFKC", name).translate(FULL_STOPS)
    found = {
        Cause.DIGITS: any(unicodedata.category(character) in DIGITS for character in plain),
        Cause.ADDRESS: _has_address(plain),
        Cause.WORD: _has_word(plain, words),
    }
    return [cause for cause, is_found in found.items() if is_found]


def _has_address(plain: str) -> bool:
    return bool(ADDRESS.search(plain.casefold())) or not all(
        _is_abbreviation(*pair.groups()) for pair in WORDS_WITH_DOT.finditer(plain)
    )


def _is_abbreviation(before: str, after: str) -> bool:
    """Return whether two words with a dot between them are part of a name rather than of an address."""
    return (
        len(before) <= ABBREVIATION_MAX
        and not before[0].islower()
        and not after[0].islower()
        and after.casefold() not in ENDINGS
    )


def _has_word(plain: str, words: str) -> bool:
    folded = _folded(plain)
    # «P.u.t.i.n» reads as one word, too.
    spaced = (f" {folded}", f" {BETWEEN_SINGLE_LETTERS.sub('', folded)}")
    listed, signs = _listed(words)
    return any(f" {word}" in text for word in listed for text in spaced) or any(sign in plain for sign in signs)


@lru_cache(LISTS_REMEMBERED)
def _listed(words: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a list as they are compared, and its lines that have no letter."""
    lines = [line.strip() for line in normal_form("NFKC", words).splitlines()]
    folded = {line: _folded(line) for line in lines if line}
    return frozenset(filter(None, folded.values())), frozenset(line for line, word in folded.items() if not word)


def _folded(text: str) -> str:
    apart = normal_form("NFD", text.casefold())
    plain = "".join(character for character in apart if not unicodedata.combining(character))
    return " ".join(PLAIN_WORD.findall(to_latin_by_any_case(plain)))
