"""A copy on a memory stick is read in a browser that reaches nothing: no server runs, and none is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django import Settings

from signatures.models import Petition
from tests.support.every_page import make_full_petition
from tests.support.page_reading import page_of
from tests.support.photographs import give_picture

# Closes the connection of the browser's event loop at the end.
pytestmark = pytest.mark.django_db(transaction=True)
HEADLINE = "getComputedStyle(document.querySelector('h1')).fontFamily"
SEEN = "[...document.images].every((image) => image.naturalWidth > 0)"
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
LINKS = "[...document.querySelectorAll('a[href]')].map((link) => link.href)"


class Reader:
    """A window that is offline, and what it asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.problems: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.problems.append(f"failed: {request.url}"))
        page.on("console", lambda message: self.problems.append(f"{page.url}: {message.text}"))


@pytest.fixture
def petition(organiser: Client, settings: Settings) -> Petition:
    """Return a petition with something of everything, on a site at which nobody answers."""
    settings.SITE_ORIGIN = "https://petition.invalid"
    settings.MIRRORS_SIGNING_KEY = b"k" * 32
    full = make_full_petition(organiser)
    give_picture(full)
    return full


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    """Return a window as narrow as a phone's, without a network."""
    context = browser.new_context(offline=True, viewport={"width": 360, "height": 740}, locale="en")
    yield Reader(context.new_page())
    context.close()


def test_every_page_is_read_from_the_folder_with_its_type_and_pictures(
    petition: Petition, reader: Reader, tmp_path: Path
) -> None:
    call_command("bake", str(tmp_path / "copy"))
    page = reader.page
    page.goto((tmp_path / "copy" / "index.html").as_uri())
    page.get_by_role("link", name="Русский").click()
    page.get_by_role("link", name="English", exact=True).click()
    page.get_by_role("link", name=petition.title_en).click()
    assert "Georgia" in page.evaluate(HEADLINE)
    assert page.evaluate(SEEN)
    # The bar with the button lies over it: as by a keyboard.
    page.get_by_role("link", name="Hand-overs and replies").press("Enter")
    page.wait_for_url("**/deliveries/index.html")
    assert page.get_by_role("heading", level=1).is_visible()
    waiting, seen = [page.url], {page.url}
    while waiting:
        page.goto(waiting.pop())
        assert page.evaluate(SEEN), page.url
        assert not page.evaluate(SIDEWAYS), page.url
        links = {link.partition("#")[0] for link in page.evaluate(LINKS)}
        fresh = {link for link in links if link.startswith("file:") and link.endswith(".html")} - seen
        assert all(link.startswith(("file:", "https:", "http:", "mailto:", "viber:")) for link in links)
        seen |= fresh
        waiting += sorted(fresh)
    read = {Path(url.removeprefix("file://")) for url in seen}
    assert set((tmp_path / "copy").rglob("*.html")) - read == {tmp_path / "copy" / "index.html"}
    assert {url.partition(":")[0] for url in reader.requests} <= {"file", "data"}
    assert reader.problems == []


def test_a_petition_is_read_from_one_file_alone(petition: Petition, reader: Reader, tmp_path: Path) -> None:
    call_command("bake", str(tmp_path / "single"), "--single")
    (tmp_path / "sent").mkdir()
    file = (tmp_path / "single" / f"{petition.slug}-ru.html").rename(tmp_path / "sent" / "petition.html")
    page = reader.page
    page.goto(file.as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == petition.title_ru
    assert "Georgia" in page.evaluate(HEADLINE)
    assert page.evaluate("document.images.length") > 0
    assert page.evaluate(SEEN)
    assert not page.evaluate(SIDEWAYS)
    assert f"https://petition.invalid{page_of(petition, language='ru')}" in page.evaluate(LINKS)
    assert {url.partition(":")[0] for url in reader.requests} <= {"file", "data"}
    assert reader.problems == []
