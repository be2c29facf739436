"""Deciding on signatures and erasing one in a real browser: by keyboard, on a phone, and without scripts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from signatures.models import Petition, Signature
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_accessibility import RULES
from tests.browser.test_policy import log_in
from tests.support import factories

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/signatures/signature/"
AXE = Axe()
PARTS = ("#result_list", ".filter-form", ".nothing", ".told", ".way", ".decisions", ".facts", ".apart", ".erasing")
VIEWS = pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 360), ("en", 360)])


@pytest.fixture
def signatures(transactional_db: None, petition: Petition) -> list[Signature]:
    """Return a list in which something waits, with a wave of one domain."""
    values = {"visibility": "PUBLIC", "country": "BY"}
    made = [factories.make_signature(petition, name=f"Аня Ўлашэнка {number}", **values) for number in range(11)]
    held = {"state": "HELD", "state_reason": "HONEYPOT", "city": "Горадня"}
    return made + [factories.make_signature(petition, name=f"Zoë {number}", **held) for number in range(2)]


def as_organiser(window: Window, language: str) -> None:
    """Log in as somebody who runs the campaign."""
    log_in(window, factories.make_organiser("Organisers", language=language))


def violations(window: Window) -> list[str]:
    """Return what the rules complain of in the parts of the page that are of this subject."""
    shown = [[part] for part in PARTS if window.page.locator(part).count()]
    found = AXE.run(window.page, context={"include": shown}, options=RULES).response["violations"]
    return [f"{window.page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]


@VIEWS
def test_list_decision_and_erasing_follow_the_rules_and_fit_a_phone(
    signatures: list[Signature], open_window: OpenWindow, language: str, width: int
) -> None:
    window = open_window(width=width)
    as_organiser(window, language)
    pk = signatures[0].pk
    found, wide = [], []
    for path in (
        "",
        f"?like={pk}",
        "?q=nobody",
        f"{pk}/change/",
        f"{signatures[-1].pk}/change/?_changelist_filters=why%3DHONEYPOT",
        f"{pk}/erase/",
    ):
        window.open(LIST + path)
        found += violations(window)
        wide += [path] if window.scrolls_sideways() else []
    assert (found, wide) == ([], [])


def test_keys_decide_take_back_and_go_on(signatures: list[Signature], open_window: OpenWindow) -> None:
    window = open_window()
    as_organiser(window, "en")
    keys = window.page.keyboard
    window.open(f"{LIST}?state__exact=HELD")
    window.page.locator(".field-row_number a").first.click()
    window.page.wait_for_url("**/change/**")
    with window.page.expect_navigation():
        keys.press("c")
    assert "state__exact=HELD" in window.page.url
    counts = Signature.objects.filter(state="CONFIRMED")
    assert counts.count() == 12
    with window.page.expect_navigation():
        keys.press("u")
    assert counts.count() == 11
    window.page.locator(".field-row_number a").first.click()
    window.page.wait_for_url("**/change/**")
    with window.page.expect_navigation():
        keys.press("n")
    assert f"/{signatures[-2].pk}/change/" in window.page.url
    # The key alone removes nothing: it leads to the reasons.
    keys.press("r")
    assert window.page.evaluate("document.activeElement.value") == "SUSPICIOUS"
    keys.press("Tab")
    with window.page.expect_navigation():
        keys.press("Enter")
    removed = Signature.objects.get(state="REMOVED")
    assert (removed.pk, removed.state_reason) == (signatures[-2].pk, "DUPLICATE")
    # What is typed into a field is typed.
    window.page.locator("#searchbar").press("u")
    assert window.page.locator("#searchbar").input_value() == "u"
    assert window.real_problems() == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_everything_works_on_a_phone_without_scripts(
    signatures: list[Signature], open_window: OpenWindow, language: str
) -> None:
    window = open_window(scripts=False, width=360)
    as_organiser(window, language)
    pk = signatures[0].pk
    window.open(f"{LIST}?rows={pk}")
    window.page.locator(".field-row_number a").first.click()
    window.page.locator("button[value=HELD]").click()
    assert Signature.objects.get(pk=pk).state == "HELD"
    window.page.locator("button[value=UNDO]").click()
    assert Signature.objects.get(pk=pk).state == "CONFIRMED"
    window.page.locator(".field-row_number a").first.click()
    window.page.locator(f"a[href*='/{pk}/erase/']").click()
    window.page.locator("input[value=MAILBOX_LOST]").check()
    window.page.locator("input[name=is_certain]").check()
    window.page.locator(".erasing button").click()
    assert not Signature.objects.filter(pk=pk).exists()
    assert f"rows={pk}" in window.page.url
