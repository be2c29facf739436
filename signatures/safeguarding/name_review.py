"""Which names wait until an organiser has looked at them, whatever the petition's setting is."""

from __future__ import annotations

import re
import unicodedata

from signatures.normal_forms import normal_form

# An address of a mailbox or a website, or a handle. A dot between two words is one if no blank follows it.
ADDRESS = re.compile(r"@|://|\bwww\.|\w\.\w{2,}", re.IGNORECASE)


def must_wait(name: str, words: str) -> bool:
    """Return whether a name has digits, an address, or one of the words that organisers listed.

    :param words: one on each line; each is found wherever a word of the name begins with it, whatever the capitals
        and accents
    """
    if any(character.isnumeric() for character in name) or ADDRESS.search(name):
        return True
    spaced = f" {_folded(name)}"
    listed = (_folded(line) for line in words.splitlines())
    return any(f" {word}" in spaced for word in listed if word)


def _folded(text: str) -> str:
    plain = "".join(c for c in normal_form("NFKC", text).casefold() if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", normal_form("NFC", plain)))
