"""Everybody can work at the desk: on a phone, by keyboard, with a screen reader, in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from django.core.cache import caches
from django.test import Client

from signatures.models import Organiser, Petition
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_accessibility import violations
from tests.browser.test_policy import NO_PAGES, log_in
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.every_route import fill
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)
View = tuple[str, int, Literal["light", "dark"]]
VIEWS = pytest.mark.parametrize("view", [("ru", 360, "light"), ("en", 1280, "dark")])
# Those that an organiser presses for what the page is for; all others are quiet.
MAIN = ".main-button, .default, .login input[type=submit]"
# Each thing that can be pressed or filled in is given a number, so that one can tell which were met.
NUMBER = """
() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches(":disabled") && one.tabIndex >= 0)
  .filter(one => one.type !== "radio" || one === (one.form.querySelector(`[name="${one.name}"]:checked`)
    ?? one.form.querySelector(`[name="${one.name}"]`)))
  .map((one, number) => (one.dataset.number = number, one.outerHTML.slice(0, 120)))
"""
# The number of what has the focus, and whether one sees that it has it.
FOCUSED = """
() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return [one.dataset.number ?? "", style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, one.tagName];
}
"""
KEYS_MAX = 500


@pytest.fixture(autouse=True)
def _no_old_limits(transactional_db: None) -> Iterator[None]:
    caches["ratelimits"].clear()
    yield
    caches["ratelimits"].clear()


def desk_paths(petition: Petition, mailbox: Mailbox, organiser: Client) -> list[str]:
    """Return the path of every page of the desk, of a site with something of everything."""
    site = fill(petition, mailbox, organiser)
    routes = [route for route in all_routes() if route.is_admin and route.name not in NO_PAGES]
    return [site.path_of(route) for route in routes]


@pytest.fixture
def paths(petition: Petition, mailbox: Mailbox, organiser: Client) -> list[str]:
    """Return the path of every page of the desk."""
    return desk_paths(petition, mailbox, organiser)


def enter(window: Window, language: str) -> None:
    """Log somebody in who may do everything and speaks a language."""
    log_in(window, factories.make_organiser())
    Organiser.objects.update(language=language)


@VIEWS
def test_no_page_of_the_desk_breaks_a_rule_of_wcag_or_scrolls_sideways(
    paths: list[str], open_window: OpenWindow, view: View
) -> None:
    language, width, scheme = view
    window = open_window(width=width)
    window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    window.open("/admin/login/")
    found = violations(window)
    enter(window, language)
    wide, crowded = [], []
    for path in paths:
        if window.open(path) == 200 and not window.page.url.endswith(("/login/", "/logout/")):
            found += violations(window)
            wide += [path] if window.scrolls_sideways() else []
            crowded += [path] if window.page.locator(MAIN).count() > 1 else []
    assert found == [], "\n".join(found)
    assert (wide, crowded) == ([], [])


def test_the_keyboard_reaches_everything_on_every_page_and_one_sees_where_it_is(
    paths: list[str], open_window: OpenWindow
) -> None:
    window = open_window(width=360)
    enter(window, "en")
    missed: list[str] = []
    for path in paths:
        if window.open(path) == 200:
            missed += [f"{path}: {one}" for one in not_met(window)]
    assert missed == [], "\n".join(missed)


def not_met(window: Window) -> list[str]:
    """Walk through a page by keyboard; return what was never met, or had the focus unseen."""
    things: list[str] = window.page.evaluate(NUMBER)
    waiting, unseen = set(range(len(things))), []
    turns = 0
    for _ in range(KEYS_MAX):
        if not waiting or turns > 1:
            break
        window.page.keyboard.press("Tab")
        number, is_seen, tag = window.page.evaluate(FOCUSED)
        if number:
            waiting.discard(int(number))
            unseen += [] if is_seen else [f"not seen: {things[int(number)]}"]
        elif tag == "BODY":
            # A field that had the focus from the start lets what stands before it come last.
            turns += 1
    return [*(things[number] for number in sorted(waiting)), *unseen]


def test_at_the_top_stand_the_lists_in_the_order_of_use(paths: list[str], open_window: OpenWindow) -> None:
    window = open_window()
    enter(window, "en")
    window.open("/admin/")
    assert window.page.locator("#desk-nav a").all_inner_texts()[:6] == [
        "Petitions",
        "Signatures",
        "Updates",
        "Hand-overs",
        "People",
        "Audit log",
    ]
