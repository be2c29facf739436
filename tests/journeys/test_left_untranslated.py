"""Names, addresses, codes and digests stay as they are when a browser translates the page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.support import factories
from tests.support.every_page import make_full_petition, paths, states
from tests.support.mailbox import Mailbox, code_in, html_of
from tests.support.page_reading import read

pytestmark = pytest.mark.django_db(transaction=True)
VOID = {"meta", "link", "input", "br", "img", "hr", "col", "base", "wbr"}
HIDDEN = {"script", "style", "title", "textarea", "option"}


class Reader(HTMLParser):
    """Collects the words of a page that a program may translate."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether what follows is left alone."""
        if tag not in VOID:
            kept = any(left for _, left in self.open) or dict(attrs).get("translate") == "no" or tag in HIDDEN
            self.open.append((tag, kept))

    def handle_endtag(self, tag: str) -> None:
        """Forget the element that ends, with what was never closed in it."""
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note the words."""
        if not any(left for _, left in self.open):
            self.words.append(data)


def translatable(page: str) -> str:
    """Return the words of a page that a program may translate."""
    return " ".join(" ".join(Reader(page).words).split())


def all_pages(organiser: Client, visitor: Client, mailbox: Mailbox, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every public page and state in English, and the mails in HTML."""
    petition = make_full_petition(organiser)
    factories.sign(visitor, petition, visibility="PUBLIC", name="Аня Ўлашэнка", email="anna@example.org")
    (mail,) = mailbox.deliver()
    yield "mail", html_of(mail)
    for path in paths(petition, "en", code_in(mail)):
        yield path, cast("HttpResponse", Client().get(path)).content.decode()
    asked = factories.sign(visitor, petition, email="anna@gmial.com")
    yield "asked", asked.content.decode()
    unknown = factories.sign(visitor, petition, email="anna@example.newending")
    yield "unknown ending", unknown.content.decode()
    for name, content in states(petition, "en", settings):
        yield name, content.decode()


def test_no_name_address_code_or_digest_is_left_to_a_translating_program(
    organiser: Client, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    settings.MAIL_SENDER = "no-reply@petition.example.org"
    seen: dict[str, int] = {}
    for place, page in all_pages(organiser, visitor, mailbox, settings):
        words = translatable(page)
        for kind, found in (
            ("name", "Ўлашэнка"),
            ("address", "@gmial.com"),
            ("suggestion", "@gmail.com"),
            ("sender", settings.MAIL_SENDER),
            ("contact", "contact@example.org"),
            ("ending", ".newending"),
            ("site", settings.SITE_ORIGIN),
        ):
            assert found not in words, f"{place}: {kind}"
            seen[kind] = seen.get(kind, 0) + (found in page)
        for word in words.split():
            assert not (len(word) == 64 and word.isalnum()), f"{place}: {word}"
    assert min(seen[kind] for kind in ("name", "address", "suggestion", "sender", "ending", "site")) > 0


def test_the_desk_is_offered_to_no_translating_program(organiser: Client) -> None:
    assert '<meta name="google" content="notranslate">' in read(organiser, "/admin/")
