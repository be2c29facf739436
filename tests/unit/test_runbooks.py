"""The runbooks can be followed under stress: each has the same parts, and its commands are taken as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from signatures.models.switch import SwitchName

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "runbooks.md").read_text(encoding="utf-8")
PARTS = ["How you notice", "First five minutes", "Then", "What to tell signers", "Afterwards"]
SWITCHES, *REST = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
PAGES = dict(page.split("\n", 1) for page in REST)
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Commands that belong to the installation itself.
OF_THE_INSTALLATION = {"doctor", "backup", "restore", "bake"}
FIRST_ENGLISH_THEN_RUSSIAN = re.compile(r"^> [A-Z].*?^$\n(?:^> [«\[]?[А-Я].*?)(?:^$|\Z)", re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Return the management commands in the fenced blocks, with their words."""
    lines = [line for block in BLOCK.findall(TEXT) for line in block.splitlines()]
    return [shlex.split(line.partition(" > ")[0])[1:] for line in lines if line.startswith("petition ")]


def test_there_is_one_for_each_bad_evening() -> None:
    assert list(PAGES) == [
        "The site is blocked",
        "A list of names has leaked",
        "The site is flooded",
        "Mail is refused",
        "The disk is full",
        "A key is lost",
        "A laptop was stolen",
        "The server was seized or broken into",
        "Somebody claims that the count is wrong",
        "The relay's log",
    ]


@pytest.mark.parametrize("page", PAGES)
def test_each_has_the_same_parts_in_the_same_order(page: str) -> None:
    assert re.findall(r"^\*\*([^*.]+)\.\*\*", PAGES[page], re.MULTILINE) == PARTS


@pytest.mark.parametrize("page", PAGES)
def test_each_has_words_for_signers_in_english_and_russian_or_says_what_to_take(page: str) -> None:
    words = PAGES[page].partition("**What to tell signers.**")[2].partition("**Afterwards.**")[0]
    is_elsewhere = re.search(r"the words of “([^”]+)”", words)
    if is_elsewhere:
        assert is_elsewhere[1] in PAGES
    else:
        assert FIRST_ENGLISH_THEN_RUSSIAN.search(words)


def test_every_page_that_another_sends_to_is_there() -> None:
    sent_to = re.findall(r"go (?:on with|to) “([^”]+)”", TEXT)
    assert len(sent_to) >= 3
    assert [page for page in sent_to if page not in PAGES] == []


def test_every_command_is_one_of_the_site_and_takes_its_words() -> None:
    known = get_commands()
    found = commands()
    assert len(found) > 20
    for name, *words in found:
        if name not in known:
            assert name in OF_THE_INSTALLATION, name
            continue
        if "--help" not in words:
            load_command_class(str(known[name]), name).create_parser("manage.py", name).parse_args(words)


def test_every_switch_is_explained() -> None:
    assert re.findall(r"^\| `([A-Z_]+)` \|", SWITCHES, re.MULTILINE) == SwitchName.values
