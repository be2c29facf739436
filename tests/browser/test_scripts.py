"""What the script adds to pages that work without it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from signatures.models import Petition
from tests.browser.conftest import OpenWindow
from tests.support import factories
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_count_is_refreshed_after_a_while_and_no_more_once_that_fails(
    ordinary: Petition, open_window: OpenWindow
) -> None:
    factories.make_signature(ordinary)
    window = open_window()
    window.page.clock.install()
    window.open(page_of(ordinary))
    shown, label = window.page.locator(".count-number strong"), window.page.locator(".count-number span")
    assert (shown.inner_text(), label.inner_text()) == ("1", "person has signed")
    factories.make_signature(ordinary)
    window.page.clock.fast_forward(29_000)
    assert shown.inner_text() == "1"
    with window.page.expect_response("**/api/petitions/*.json"):
        window.page.clock.fast_forward(2_000)
    window.page.wait_for_function("document.querySelector('.count-number strong').textContent === '2'")
    assert label.inner_text() == "people have signed"
    assert window.page.locator(".beside-number").inner_text() == "2 people have signed"
    assert window.page.locator(".goal progress").evaluate("one => one.value") == 2
    asked: list[str] = []

    def fail(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    window.page.route("**/api/petitions/*.json", fail)
    for _ in range(6):
        window.page.clock.fast_forward(700_000)
        window.page.wait_for_timeout(50)
    assert len(asked) == 1


def test_the_link_is_copied_and_what_does_not_work_is_not_offered(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    window.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=window.url)
    window.open(page_of(petition, "thanks"))
    button = window.page.locator("[data-copy]")
    button.click()
    window.page.wait_for_function("document.querySelector('[data-copy]').textContent === 'Copied'")
    assert window.page.evaluate("navigator.clipboard.readText()") == window.url + page_of(petition)
    has_sheet = window.page.evaluate("Boolean(navigator.share)")
    assert window.page.locator("[data-share]").is_visible() == has_sheet
    plain = open_window(scripts=False)
    plain.open(page_of(petition, "thanks"))
    assert not plain.page.locator("[data-copy]").is_visible()
