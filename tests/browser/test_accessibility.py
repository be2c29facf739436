"""Everybody can read, sign and withdraw: rules that a program can check, on every page and state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.every_page import PAGES, make_full_petition, paths, states
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of
from tests.support.photographs import give_picture

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Axe()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# WCAG 2.2, success criteria 1.4.4 and 1.4.12.
LARGE_AND_SPACED = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`html { font-size: 200% !important }
  * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
  p { margin-bottom: 2em !important }`);
document.adoptedStyleSheets = [sheet];
"""
# What sticks out to the right, by page, kind and class.
WIDE = """
name => [...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(one => `${name}: ${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)
  .slice(0, 6)
"""
View = tuple[str, int, Literal["light", "dark"]]
VIEWS = pytest.mark.parametrize("view", [("ru", 360, "light"), ("en", 1280, "dark"), ("en", 360, "dark")])


@pytest.fixture
def petition(transactional_db: None, organiser_client: Callable[[str], Client], mailbox: Mailbox) -> Petition:
    """Return a petition that has everything."""
    return make_full_petition(organiser_client("Organisers"))


def violations(window: Window) -> list[str]:
    """Return what the rules complain of on the page that is shown."""
    found = AXE.run(window.page, options=RULES).response["violations"]
    return [f"{window.page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]


@VIEWS
def test_no_page_breaks_a_rule_of_wcag(
    petition: Petition, open_window: OpenWindow, visitor: Client, mailbox: Mailbox, view: View
) -> None:
    language, width, scheme = view
    factories.sign(visitor, petition, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    window = open_window(width=width)
    window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found: list[str] = []
    for path in paths(petition, language, code):
        window.open(path)
        found += violations(window)
        assert not window.scrolls_sideways(), path
        window.unfold()
        assert not window.scrolls_sideways(), f"{path} with all that is folded opened"
    window.open(page_of(petition, language=language))
    window.page.locator("form[data-sign] button[type=submit]").click()
    window.page.wait_for_selector("#error-summary")
    found += violations(window)
    assert found == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_state_breaks_a_rule_of_wcag(
    petition: Petition, open_window: OpenWindow, settings: Settings, language: str
) -> None:
    window = open_window(width=360)
    window.open(page_of(petition, language=language))
    for name, content in states(petition, language, settings):
        window.page.set_content(content.decode())
        assert violations(window) == [], name
        assert not window.scrolls_sideways(), name


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_page_and_no_state_scrolls_sideways_on_a_phone_with_text_twice_as_large(
    petition: Petition,
    open_window: OpenWindow,
    mailbox: Mailbox,
    settings: Settings,
    language: str,
) -> None:
    settings.MAIL_SENDER = "no-reply@petition.example.org"
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    factories.sign(visitor, petition, language, visibility="PUBLIC", name="Аня Ўладзіміраўна Пятрова-Вадкіна")
    window = open_window(width=360)
    wide: list[str] = []
    for path in paths(petition, language, code_in(mailbox.deliver()[0])):
        window.open(path)
        wide += too_wide_when_large(window, path)
    for name, content in states(petition, language, settings):
        window.page.set_content(content.decode())
        wide += too_wide_when_large(window, name)
    assert wide == [], "\n".join(wide)


def too_wide_when_large(window: Window, name: str) -> list[str]:
    """Return what is wider than the window with text of 200 %, folded and unfolded."""
    window.page.evaluate("document.documentElement.style.fontSize = '200%'")
    window.unfold()
    return window.page.evaluate(WIDE, name) if window.scrolls_sideways() else []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_is_lost_with_large_and_spaced_text_or_in_forced_colours(
    petition: Petition, open_window: OpenWindow, language: str
) -> None:
    window = open_window(width=1280)
    for name in PAGES:
        window.open(page_of(petition, name, language))
        window.page.evaluate(LARGE_AND_SPACED)
        assert not window.scrolls_sideways(), name
    narrow = open_window(width=320)
    narrow.page.emulate_media(forced_colors="active")
    for name in PAGES:
        narrow.open(page_of(petition, name, language))
        assert not narrow.scrolls_sideways(), name
    assert narrow.real_problems() == []


def test_the_keyboard_meets_the_languages_first_and_reaches_the_button(
    petition: Petition, open_window: OpenWindow
) -> None:
    window = open_window(width=360)
    window.open(page_of(petition))
    focused = "document.activeElement.getAttribute('hreflang') || document.activeElement.className"
    window.page.keyboard.press("Tab")
    assert window.page.evaluate(focused) == "ru"
    window.page.keyboard.press("Tab")
    assert window.page.evaluate(focused) == "skip"
    for _ in range(60):
        window.page.keyboard.press("Tab")
        if window.page.evaluate("document.activeElement.matches('form[data-sign] button[type=submit]')"):
            break
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector("#error-summary")
    assert window.page.evaluate("document.activeElement.id") == "error-summary"


@pytest.mark.parametrize(
    ("language", "width", "has_picture"),
    [("en", 360, False), ("ru", 360, False), ("ru", 360, True), ("ru", 1280, True)],
)
def test_a_first_visit_is_light_and_nothing_moves(
    petition: Petition,
    open_window: OpenWindow,
    language: str,
    width: int,
    has_picture: bool,
) -> None:
    if has_picture:
        give_picture(petition, caption_ru="Минск, 2020")
    window = open_window(width=width)
    sizes: list[int] = []

    def weigh(request: object) -> None:
        measured = request.sizes()  # type: ignore[attr-defined]
        sizes.append(measured["responseBodySize"] + measured["responseHeadersSize"])

    window.page.on("requestfinished", weigh)
    window.page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(one => window.moved += one.value))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    window.open(page_of(petition, language=language))
    window.page.wait_for_load_state("networkidle")
    assert any("/picture/" in address for address in window.requests) == has_picture
    # What is asked for twice comes from the cache of the browser the second time.
    assert len(set(window.requests)) <= 4
    assert sum(sizes) <= 35 * 1024, sizes
    assert window.page.evaluate("window.moved") == 0
    assert window.context.cookies() == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_address_that_mails_come_from_stays_in_one_piece_where_there_is_room(
    petition: Petition, open_window: OpenWindow, settings: Settings, language: str
) -> None:
    settings.MAIL_SENDER = "no-reply@petition.example.org"
    window = open_window(width=360)
    window.open(page_of(petition, "sent", language))
    sender = window.page.get_by_text(settings.MAIL_SENDER, exact=True)
    for width in range(360, 640, 40):
        window.page.set_viewport_size({"width": width, "height": 800})
        lines = "one => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)"
        assert sender.evaluate(lines) < 1.5, width
    settings.MAIL_SENDER = f"no-reply@{'long-' * 12}name.example.org"
    window.page.set_viewport_size({"width": 360, "height": 800})
    window.open(page_of(petition, "sent", language))
    assert not window.scrolls_sideways()


def test_on_a_phone_the_button_stays_at_hand_and_gives_way_to_the_form(
    petition: Petition, open_window: OpenWindow
) -> None:
    window = open_window(scripts=False, width=360, height=700)
    window.open(page_of(petition))
    button = window.page.locator(".sign-bar .button")
    promise = window.page.locator(".opening .promise")

    def is_in_view() -> bool:
        box = button.bounding_box()
        return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 700

    assert is_in_view()
    assert promise.is_visible()
    window.page.mouse.wheel(0, 2500)
    window.page.wait_for_timeout(200)
    assert is_in_view()
    button.click()
    window.page.wait_for_timeout(600)
    assert not is_in_view()
    assert window.page.locator("#sign-title").is_visible()
