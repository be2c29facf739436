"""Refuses long but guessable passwords: repetitions, keyboard rows, common passwords, words of this site."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from signatures.models import Petition

# A password is worth its number of unpredictable characters. Fifteen random ones are worth fifteen, four words about as
# much. Passwords worth less than this are refused.
WORTH_MIN = 10
WORTH_OF_RUN = 2
WORTH_OF_REPETITION = 1
WORTH_OF_SITE_WORD = 1
WORTH_OF_COMMON = 4
RUN_LENGTH_MIN = 3
WORD_LENGTH_MIN = 4
WORD_LENGTH_MAX = 40
# Only the first characters are checked: nobody types a longer password that is predictable in this part alone.
CHECKED_LENGTH = 200
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "01234567890",
    "1234567890-=",
    "!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "йцукенгшўзх'",
    "ячсмітьбю.",
    "1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 0p;/",
)
RUNS = (*ROWS, *(row[::-1] for row in ROWS))
SITE_WORDS = {"petition", "petitions", "signature", "signatures", "organiser", "organizer", "admin", "administrator"}
SITE_WORDS |= {"петиция", "петиции", "подпись", "подписи", "организатор", "администратор", "пароль"}
SITE_WORDS |= {"петыцыя", "петыцыі", "подпіс", "подпісы", "арганізатар", "адміністратар"}


class PredictablePasswordValidator:
    """A Django password validator that counts the unpredictable characters of a password."""

    def validate(self, password: str, user: Any = None) -> None:
        """Check that a password is worth at least WORTH_MIN characters.

        :param user: the owner, if known
        :raises ValidationError: if it is worth less
        """
        words = set(SITE_WORDS)
        words |= set(re.findall(r"[^\W_]+", urlsplit(settings.SITE_ORIGIN).hostname or ""))
        words |= {word for slug in Petition.objects.values_list("slug", flat=True) for word in slug.split("-")}
        words = {word.lower() for word in words if len(word) >= WORD_LENGTH_MIN}
        if user is not None and user.get_username():
            words.add(user.get_username().lower())
        if worth(password.lower()[:CHECKED_LENGTH], words) < WORTH_MIN:
            raise ValidationError(
                _(
                    "This password is easy to guess, however long it is: it repeats itself, follows the keyboard, or "
                    "is made of common passwords or of words of this site."
                ),
                code="password_predictable",
            )

    def get_help_text(self) -> str:
        """Return the rule in words, for the form."""
        return _(
            "Do not repeat a pattern or a common password, follow the keyboard, or use words of this site alone. "
            "Four words that have nothing to do with each other are a good password."
        )


def worth(text: str, words: set[str]) -> int:
    """Return how many characters a password is worth: the minimum over all ways to split it into parts.

    :param text: the password in lower case
    :param words: in lower case, that an attacker would try first
    """
    least = [0]
    for end in range(1, len(text) + 1):
        # A single character is worth one.
        best = least[end - 1] + 1
        for start in range(max(0, end - WORD_LENGTH_MAX), end - 1):
            best = min(best, least[start] + _worth_of_part(text, start, end, words))
        least.append(best)
    return least[-1]


def _worth_of_part(text: str, start: int, end: int, words: set[str]) -> int:
    part = text[start:end]
    if part in words:
        return WORTH_OF_SITE_WORD
    if len(part) < RUN_LENGTH_MIN:
        return len(part)
    if part in text[:start]:
        return WORTH_OF_REPETITION
    if part == part[0] * len(part) or any(part in run for run in RUNS):
        return WORTH_OF_RUN
    if part in _common():
        return WORTH_OF_COMMON
    return len(part)


@cache
def _common() -> set[str]:
    return {str(word) for word in CommonPasswordValidator().passwords if len(word) >= WORD_LENGTH_MIN}
