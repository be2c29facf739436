"""Warns in whole sentences of what readers will not see as it was typed."""

from __future__ import annotations

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from signatures.texts.fonts import letters_without_font, shown_as
from signatures.texts.plain_printer import plain_text
from signatures.texts.reading import read_text

EXAMPLES_MAX = 5
EXAMPLE_CHARACTERS = 60
LETTERS_MAX = 20
# Characters of context on either side of a sign.
AROUND = 20


def remarks_on(source: str) -> list[str]:
    """Return a sentence for each thing in a text that is left out, or may not be shown as intended.

    :param source: Markdown, or pasted text
    """
    left_out = read_text(source).left_out
    found = _pictures(left_out.pictures)
    found += [
        _("A link is left out, its words stay: “%(address)s” does not begin with https://, http:// or mailto:.")
        % {"address": _short(address)}
        for address in left_out.addresses[:EXAMPLES_MAX]
    ]
    if left_out.tags:
        sentence = _("HTML is shown as it was typed, for example “%(example)s”.")
        found.append(sentence % {"example": _short(left_out.tags[0])})
    if left_out.stars:
        found.append(
            _("Stars or underscores are shown as they were typed, since none close them: “%(example)s”.")
            % {"example": _short(left_out.stars[0])}
        )
    return found + boxes_in(plain_text(source))


def boxes_in(text: str) -> list[str]:
    """Return a sentence on the letters of a text that none of our fonts has, or nothing."""
    letters = letters_without_font(text)[:LETTERS_MAX]
    if not letters:
        return []
    sentence = ngettext(
        "The PDF and the share picture show a box in place of this sign: %(signs)s",
        "The PDF and the share picture show boxes in place of these signs: %(signs)s",
        len(letters),
    )
    return [sentence % {"signs": "; ".join(_placed(letter, text) for letter in letters)}]


def _placed(letter: str, text: str) -> str:
    """Return a sign with the words around its first occurrence."""
    line = next(line for line in text.splitlines() if letter in line)
    place = line.index(letter)
    words = " ".join(line[max(place - AROUND, 0) : place + AROUND + 1].split())
    return _("%(sign)s in “%(words)s”") % {"sign": shown_as(letter), "words": words}


def _pictures(pictures: tuple[str, ...]) -> list[str]:
    found = [
        _("A picture is left out; its words stand in its place: “%(words)s”.") % {"words": _short(words)}
        for words in pictures
        if words
    ][:EXAMPLES_MAX]
    if wordless := sum(not words for words in pictures):
        sentence = ngettext(
            "%(count)s picture is left out, and nothing stands in its place: say in words what it shows.",
            "%(count)s pictures are left out, and nothing stands in their place: say in words what they show.",
            wordless,
        )
        found.append(sentence % {"count": wordless})
    return found


def _short(text: str) -> str:
    return Truncator(text).chars(EXAMPLE_CHARACTERS)
