"""Writes the catalogue of the pseudo-language from the English one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import django

from tests.support.fourth_language.marking import mark
from tests.translations import Entry, read_catalogue

# Django's own texts are translated into the pseudo-language as well.
DJANGO = Path(django.__file__).parent
OF_DJANGO = ("conf", "contrib/admin", "contrib/auth", "contrib/contenttypes", "contrib/humanize", "contrib/postgres")
HEADER = "Language: {code}\nContent-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def write_catalogue(site: Path, code: str) -> Path:
    """Write the .po file of a language into a copy of the site, with marked versions of all our and Django's texts."""
    path = site / "locale" / code / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    entries = {entry.key: entry for english in _english(site) for entry in read_catalogue(english) if entry.key}
    header = f"msgid {_quoted('')}\nmsgstr {_quoted(HEADER.format(code=code))}"
    path.write_text("\n\n".join([header, *("\n".join(_lines(entry)) for entry in entries.values())]) + "\n", "utf-8")
    return path


def _english(site: Path) -> Iterator[Path]:
    # Ours last, so that our wording overrides Django's.
    for folder in OF_DJANGO:
        yield DJANGO / folder / "locale/en/LC_MESSAGES/django.po"
    yield site / "locale/en/LC_MESSAGES/django.po"


def _lines(entry: Entry) -> Iterator[str]:
    for word in ("msgctxt", "msgid", "msgid_plural"):
        if word in entry.words:
            yield f"{word} {_quoted(entry.words[word])}"
    if plural := entry.words.get("msgid_plural"):
        yield f"msgstr[0] {_quoted(mark(entry.words['msgid']))}"
        yield f"msgstr[1] {_quoted(mark(plural))}"
    else:
        yield f"msgstr {_quoted(mark(entry.words['msgid']))}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
