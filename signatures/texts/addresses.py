"""Makes the last part of a petition's address from its title, in whatever script that is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import iuliia
from django.db import connection
from django.utils.text import slugify

from signatures.models import Petition
from signatures.normal_forms import normal_form

LENGTH_MAX = 80
# For titles in scripts that nothing here writes in Latin letters.
WITHOUT_LETTERS = "petition"
RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
# Letters of other Cyrillic alphabets that do not decompose into one of its letters and a mark.
OTHERS = str.maketrans(
    {"і": "i", "ґ": "g", "є": "ye", "ї": "yi", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz"}
)
# Latin letters that do not decompose, either.
LATIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
ADDRESS_LOCK = 7301021


def address_from(titles: Iterable[str]) -> str:
    """Return an address in Latin letters from the first title that has any, at most 80 characters, cut between words.

    :param titles: the same title in the languages of a petition
    """
    return next(filter(None, map(_in_latin, titles)), WITHOUT_LETTERS)


def free_address(titles: Iterable[str], but: int | None = None) -> str:
    """Return an address that no petition has, with a number if the title alone is taken.

    Until the end of the transaction nobody else is given one.

    :param but: number of the petition that it is for, if there is one already
    """
    wanted = address_from(titles)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADDRESS_LOCK])
    others = Petition.objects.all() if but is None else Petition.objects.exclude(pk=but)
    taken = set(others.values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    numbered = (_cut(wanted, LENGTH_MAX - len(str(number)) - 1) + f"-{number}" for number in count(2))
    return next(address for address in numbered if address not in taken)


def _in_latin(title: str) -> str:
    lower = normal_form("NFC", title.lower()).translate(OTHERS).translate(LATIN)
    # Other letters, as the Belarusian short u, become a plain letter and a mark, which goes.
    known = "".join(letter if letter in RUSSIAN else normal_form("NFD", letter)[:1] for letter in lower)
    return _cut(slugify(iuliia.WIKIPEDIA.translate(known)).strip("-_"), LENGTH_MAX)


def _cut(address: str, length: int) -> str:
    if len(address) <= length:
        return address
    words = address[: length + 1].rpartition("-")[0]
    return (words or address[:length]).strip("-_")
