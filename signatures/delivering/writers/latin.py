"""Transliterates Cyrillic names into Latin letters as passports do."""

from __future__ import annotations

import re

import iuliia
from iuliia.schema import TranslitSchema

from signatures.normal_forms import normal_form

RUSSIAN = {letter: iuliia.ICAO_DOC_9303.translate(letter) for letter in "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"}
# Doc 9303 lists where other languages differ from Russian. Every scheme maps the letters of all of them, since names
# mix alphabets.
OTHERS = {**RUSSIAN, "і": "i", "ў": "u", "ґ": "g", "є": "ie", "ї": "i"}
SCHEMES = {
    "ru": TranslitSchema(name="Doc 9303, Russian", mapping=OTHERS),
    "be": TranslitSchema(name="Doc 9303, Belarusian", mapping={**OTHERS, "г": "h", "ё": "io"}),
    "uk": TranslitSchema(
        name="Doc 9303, Ukrainian",
        mapping={**OTHERS, "г": "h", "и": "y"},
        prev_mapping={"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"},
    ),
}
APOSTROPHES = "'’ʼ‘`"
CYRILLIC = re.compile(rf"[Ѐ-ӿ]+(?:[{APOSTROPHES}](?=[Ѐ-ӿ])[Ѐ-ӿ]+)*")
UKRAINIAN = re.compile("[єїЄЇ]")
# Russian writes a hard sign where Belarusian has an apostrophe between a consonant and these letters.
BELARUSIAN = re.compile(rf"[іўІЎ]|[б-джзк-нп-тф-шБ-ДЖЗК-НП-ТФ-Ш][{APOSTROPHES}][еёюяЕЁЮЯ]")


def latin(text: str, language: str) -> str:
    """Return the text with its Cyrillic words transliterated by the scheme of passports (ICAO Doc 9303).

    Other alphabets are left alone. Belarusian and Ukrainian are also recognised by their spelling, since such names are
    typed on the site's Russian pages too.

    :param language: "be" and "uk" where it is known, else the language of the page
    """
    # Letters of other Cyrillic alphabets decompose into a known letter and a combining mark.
    known = (c if c.lower() in OTHERS else normal_form("NFD", c) for c in normal_form("NFC", text))
    text = "".join(known)
    if UKRAINIAN.search(text):
        language = "uk"
    elif language != "uk" and BELARUSIAN.search(text):
        language = "be"
    scheme = SCHEMES.get(language, SCHEMES["ru"])
    return normal_form("NFC", CYRILLIC.sub(lambda word: _word(word[0], scheme), text))


def _word(word: str, scheme: TranslitSchema) -> str:
    if scheme is not SCHEMES["ru"]:
        word = re.sub(f"[{APOSTROPHES}]", "", word)
    result: str = scheme.translate(word)
    return result.upper() if len(word) > 1 and word.isupper() else result
