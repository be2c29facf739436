"""A language that is added as docs/languages.md says to a site on which petitions were published before."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.support.fourth_language.adding import CODE, ROOT, add_language, copy_site, run_in
from tests.support.fourth_language.marking import mark, unmarked
from tests.support.fourth_language.page_words import PageReader
from tests.support.programs import require_program
from tests.support.server.web_site import new_database

pytestmark = pytest.mark.xdist_group("servers")
SCRIPT = "from pathlib import Path; from tests.support.fourth_language.{0} import {1}; {1}(Path({2!r}))"
VERSIONS = "SELECT id, petition_id, number, digest, canonical_json, languages FROM signatures_textversion ORDER BY id"
NAME = "Ludoviko"
PETITION = "/{}/petitions/belarus-political-prisoners/"
ALL = {"SITE_LANGUAGES": f"en,ru,{CODE}", "FORM_RATES": "1000000/h"}
# Django says these in English in every language: the sort of a key, a tick, a magnifying glass.
OF_DJANGO = {"ID", "True", "False", "Search"}
# What modeltranslation adds to the labels of fields.
LABEL_CODE = re.compile(r"\[\w\w\]")
# What Django's log of changes keeps: such labels, and what was changed as it was called then.
LOGGED = re.compile(r"[\w ]+ \[\w\w\]|“[^”]*”")
# Details in the audit log, for programs.
DETAILS = re.compile(r'\{".*\}')
# Names of systems, commands to type, and what the desk shows of a password.
COMMANDS = re.compile(r"(?:Linux|macOS|Windows)(?: \(PowerShell\))?: *[^\n]*|openssl [^\n]*|pbkdf2_sha256|\S+\*{9,}")
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
# A date of today's in the order that other languages have.
OTHER_DATE = re.compile(rf"\d[ \xa0](?:{'|'.join(map(mark, MONTHS))})[ \xa0]20[2-9]\d")


@dataclass(frozen=True)
class Walked:
    """What was there before the language, and what the site said afterwards.

    versions: rows of the text versions before.
    """

    site: Path
    folder: Path
    database_url: str
    versions: list[tuple[Any, ...]]
    said: list[dict[str, str]]
    old: dict[str, Any]
    data: list[str]

    def of(self, *kinds: str) -> list[tuple[str, str]]:
        """Return place and text of what was said."""
        return [(one["place"], one["text"]) for one in self.said if one["kind"] in kinds]

    def unmarked(self, text: str) -> list[str]:
        """Return the words of a text that nobody has translated."""
        return unmarked(COMMANDS.sub(" ", text), self.data)

    def file(self, name: str) -> str:
        """Return a file of the hand-over in the language."""
        return (self.folder / "files" / name).read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Return what a site says that has got a language more."""
    for program in ("msgfmt", "pdftotext"):
        require_program(program)
    folder = tmp_path_factory.mktemp("fourth")
    with new_database(os.environ.get("TEST_TEMPLATE") or "template1") as (_name, url):
        run_in(ROOT, url, "migrate", "--verbosity=0")
        run_in(ROOT, url, "shell", "--verbosity=0", "-c", SCRIPT.format("before", "fill", str(folder)))
        versions = rows(url, VERSIONS)
        site = copy_site(folder)
        add_language(site, url)
        run_in(site, url, "shell", "--verbosity=0", "-c", SCRIPT.format("walk", "walk", str(folder)), **ALL)
        yield Walked(site, folder, url, versions, **json.loads((folder / "walk.json").read_text(encoding="utf-8")))


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_what_was_published_before_is_read_and_checked_as_before(walked: Walked) -> None:
    statuses: dict[str, int] = walked.old["statuses"]
    assert len(statuses) > 40
    not_found = {path for path, status in statuses.items() if status != 200}
    assert {path.partition("/")[2].partition("/")[2] for path in not_found} == {
        "confirm/-/",
        "my-signature/-/",
        "no-mail/-/",
        "no-alerts/-/",
        "no-news/-/",
        "news-by-mail/-/",
        "nowhere/",
    }
    now = rows(walked.database_url, VERSIONS)
    assert [row for row in now if row[0] in {one[0] for one in walked.versions}] == walked.versions
    assert walked.old["hand_over"]["is_same"]
    lines = walked.old["hand_over"]["check"].splitlines()
    assert all(line.startswith("ok: ") for line in lines[1:])
    assert len(lines) > 8


def test_a_petition_leads_from_the_new_language_to_one_that_it_has_until_it_is_written_in_it(walked: Walked) -> None:
    assert walked.old["leads"] == {
        PETITION.format(CODE): PETITION.format("en"),
        f"/{CODE}/petitions/in-russian/": "/ru/petitions/in-russian/",
    }
    first = walked.versions[0][1]
    newest = [row for row in rows(walked.database_url, VERSIONS) if row[1] == first][-1]
    assert (newest[2], newest[5]) == (3, ["en", "ru", CODE])


def test_every_page_and_mail_says_that_it_is_in_the_language(walked: Walked) -> None:
    pages = walked.of("page", "desk")
    assert len(pages) > 120
    assert {place for place, text in pages if PageReader(text, CODE).page_language != CODE} == set()
    for place, text in walked.of("error"):
        assert set(re.findall(r'\blang="(\w\w)"', text)) == {"en", "ru", CODE}, place


def test_no_text_of_pages_desk_and_mails_is_left_in_another_language(walked: Walked) -> None:
    left: dict[str, str] = {}
    for place, text in walked.of("page", "desk", "error"):
        # The page of a petition that has no text in the language is no part of this.
        for shown in PageReader(text, CODE).texts:
            said = LOGGED.sub(" ", shown) if place.endswith("/history/") else shown
            said = DETAILS.sub(" ", LABEL_CODE.sub(" ", said))
            if said.strip() not in OF_DJANGO and walked.unmarked(said):
                left.setdefault(shown.strip(), place)
    for place, text in walked.of("mail"):
        left |= {line: place for line in text.splitlines() if walked.unmarked(line)}
    assert not left, "\n".join(f"{place}: {text}" for text, place in left.items())


def test_dates_are_written_as_the_language_writes_them(walked: Walked) -> None:
    written = list(walked.of("page", "desk", "mail"))
    written += [("text", walked.file(f"petition-3.{CODE}.txt")), ("letter", letter(walked))]
    assert {(place, found) for place, text in written for found in OTHER_DATE.findall(text)} == set()
    said = letter(walked)
    assert re.search(rf"\d‐(?:{'|'.join(map(mark, MONTHS))})‐20\d\d", said)
    assert re.search(r" · \d+‐\d+‐20\d\d · 3", said)


def letter(walked: Walked) -> str:
    """Return what the letter and the names after it say."""
    command = [require_program("pdftotext"), "-layout", str(walked.folder / "files/petition.pdf"), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_what_is_handed_over_in_the_language_is_in_it(walked: Walked) -> None:
    header, first, *_ = csv.reader(io.StringIO(walked.file("signatures.csv")))
    assert (header[:3], first[4]) == ([mark(name) for name in ("number", "name", "name_latin")], "Litovio")
    own_part = walked.file("README.txt").partition("\n====")[0]
    assert mark("THE FILES") in own_part
    # The other languages of the text follow its own one.
    before, _, after = letter(walked).partition("Freedom for Political Prisoners")
    after = after.partition(mark("Signatures by country"))[2]
    assert NAME in after
    for text in (", ".join(header), own_part, before, after, walked.file(f"petition-3.{CODE}.txt")):
        assert walked.unmarked(text) == []


def test_programs_are_told_of_the_language(walked: Walked) -> None:
    told = dict(walked.of("data"))
    titles = json.loads(told["/api/petitions/belarus-political-prisoners.json"])["titles"]
    assert titles.keys() == {"en", "ru", CODE}
    assert f"<loc>http://testserver{PETITION.format(CODE)}</loc>" in told["/sitemap.xml"]


def test_the_pages_that_nginx_shows_speak_it_too(walked: Walked, tmp_path: Path) -> None:
    run_in(walked.site, walked.database_url, "nginx_error_pages", str(tmp_path), **ALL)
    pages = list(tmp_path.glob("*.html"))
    assert len(pages) == 3
    for page in pages:
        (words,) = re.findall(rf'<div lang="{CODE}">(.*?)</div>', page.read_text(encoding="utf-8"), re.DOTALL)
        assert walked.unmarked(" ".join(PageReader(words, CODE).texts)) == []
