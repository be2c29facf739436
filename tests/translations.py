"""Checks that every translation is there, certain, compiled, and that no source text is missing from the catalogues.

Run as ``python -m tests.translations``. Without gettext new source texts are not looked for, and it says so.
"""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE_LANGUAGE = "en"  # an empty translation means that the source text stands
SOURCES = ("petition_site", "signatures", "templates", "locale", "static")
# Those of our own texts, and those that correct what Django says.
CATALOGUES = ("locale/*/LC_MESSAGES/*.po", "petition_site/django_texts/*/LC_MESSAGES/*.po")
KEYWORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")
CONTEXT_MARK = "\x04"
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


@dataclass
class Entry:
    """One text of a catalogue: its source, its plural if it has one, and its translations by plural form."""

    line: int
    is_fuzzy: bool = False
    words: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return what a compiled catalogue knows the text by."""
        context = f"{self.words['msgctxt']}{CONTEXT_MARK}" if "msgctxt" in self.words else ""
        return context + self.words.get("msgid", "")

    @property
    def translations(self) -> dict[int | None, str]:
        """Return the translations by plural form, None where there is only one."""
        found = {name: text for name, text in self.words.items() if name.startswith("msgstr")}
        return {int(name[7:-1]) if "[" in name else None: text for name, text in found.items()}


def read_catalogue(path: Path) -> Iterator[Entry]:
    """Yield the entries of a .po file, the header first, obsolete ones left out."""
    entry, name = Entry(line=1), ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        keyword = next((word for word in KEYWORDS if line.startswith(word)), "")
        starts_next = line.startswith("#") or keyword in {"msgctxt", "msgid"}
        if starts_next and name.startswith("msgstr"):
            yield entry
            entry, name = Entry(line=number), ""
        if line.startswith("#,") and "fuzzy" in line:
            entry.is_fuzzy = True
        elif keyword:
            name, _, text = line.partition(" ")
            entry.words[name] = ast.literal_eval(text)
        elif line.startswith('"'):
            entry.words[name] += ast.literal_eval(line)
    if name.startswith("msgstr"):
        yield entry


def problems_of(path: Path) -> Iterator[str]:
    """Yield what is wrong with a .po file and the .mo file beside it."""
    label = path.relative_to(ROOT)
    is_source = path.parts[-3] == SOURCE_LANGUAGE
    compiled_path = path.with_suffix(".mo")
    if not compiled_path.exists():
        yield f"{label}: not compiled; run make messages"
        return
    with compiled_path.open("rb") as file:
        compiled: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    expected: dict[object, str] = {}
    for entry in read_catalogue(path):
        if entry.is_fuzzy and entry.key:
            yield f"{label}:{entry.line}: fuzzy"
        texts = entry.translations
        if all(texts.values()):
            expected |= {entry.key if form is None else (entry.key, form): text for form, text in texts.items()}
        elif not is_source:
            yield f"{label}:{entry.line}: not translated"
        yield from (f"{label}:{entry.line}: {problem}" for problem in unlike_source(entry, is_source=is_source))
    if {key: text for key, text in compiled.items() if key} != {key: text for key, text in expected.items() if key}:
        yield f"{label.with_suffix('.mo')}: older than the .po file; run make messages"


def unlike_source(entry: Entry, *, is_source: bool) -> Iterator[str]:
    """Yield what of an entry cannot be a translation of its source: collecting texts guesses by what is alike."""
    source, plural = entry.words.get("msgid", ""), entry.words.get("msgid_plural")
    given = places(source) | places(plural or "")
    for text in filter(None, entry.translations.values() if entry.key else ()):
        if is_source and plural is None and text != source:
            yield "another text stands for an English one"
        if places(text) - given or (plural is None and places(text) != given):
            yield f"the places of {text!r} are not those of its source"


def places(text: str) -> set[str]:
    """Return the places of a text that values are put into."""
    return set(PLACE.findall(text))


def new_texts() -> Iterator[str]:
    """Yield the texts that the source has and the catalogues lack, found by gettext on a copy of the source."""
    with tempfile.TemporaryDirectory(prefix="petition-messages-") as folder:
        copy = Path(folder) / "site"
        for name in SOURCES:
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, copy / name)
        shutil.copytree(ROOT / "tests", copy / "tests", ignore=lambda *_: ["unit", "journeys", "browser", "server"])
        shutil.copy(ROOT / "manage.py", copy)
        languages = [word for path in sorted((ROOT / "locale").iterdir()) for word in ("--locale", path.name)]
        command = [sys.executable, "manage.py", "makemessages", *languages, "--ignore", "tests", "--no-obsolete"]
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.tool_settings"}
        subprocess.run(command, cwd=copy, env=env, check=True, stdout=subprocess.DEVNULL)
        for path in sorted((copy / "locale").glob("*/LC_MESSAGES/*.po")):
            relative = path.relative_to(copy)
            ours = {entry.key for entry in read_catalogue(ROOT / relative)}
            theirs = {entry.key for entry in read_catalogue(path)}
            yield from (f"{relative}: lacks {key!r}; run make messages" for key in sorted(theirs - ours))
            yield from (f"{relative}: {key!r} is used no more; run make messages" for key in sorted(ours - theirs))


def main() -> int:
    """Print every problem and return 1 if there is one."""
    catalogues = sorted(path for pattern in CATALOGUES for path in ROOT.glob(pattern))
    problems = [problem for path in catalogues for problem in problems_of(path)]
    if not catalogues:
        problems.append("locale/ holds no translations")
    elif shutil.which("xgettext"):
        problems += new_texts()
    elif os.environ.get("CI_REQUIRE_ALL") == "1":
        problems.append("gettext is not installed")
    else:
        print("translations: gettext is not installed, so new source texts were not looked for")  # noqa: T201
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
