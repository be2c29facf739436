"""Organisers decide on names and reasons by keyboard, on a phone, and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings as site_settings
from django.test import Client
from playwright.sync_api import Page

from signatures.models import Petition, Signature
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_accessibility import violations
from tests.support import factories
from tests.support.reviews import names_path, reasons_path, reviews, waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(open_window: OpenWindow, organiser_client: Callable[[str], Client]) -> Callable[..., Window]:
    """Return a function that opens a window of somebody who keeps the list clean."""
    session = organiser_client("Moderators").cookies[site_settings.SESSION_COOKIE_NAME].value

    def open_desk(*, language: str = "en", scripts: bool = True, width: int = 1280) -> Window:
        window = open_window(scripts=scripts, width=width)
        cookie = {"name": site_settings.SESSION_COOKIE_NAME, "value": session, "url": window.url}
        window.context.add_cookies([cookie])  # type: ignore[list-item]
        window.context.set_extra_http_headers({"Accept-Language": language})
        return window

    return open_desk


def press(page: Page, keys: str) -> None:
    """Press keys one after the other."""
    for key in keys.split():
        page.keyboard.press(key)


def save(page: Page, key: str = "Enter") -> None:
    """Press a key that sends a form, and wait for the page that follows."""
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_page_is_decided_on_with_a_key_for_each_name_and_undone_with_one(
    petition: Petition, desk: Callable[..., Window], language: str
) -> None:
    waiting(petition, 5)
    window = desk(language=language)
    window.open(names_path(petition))
    assert window.page.locator(".review-keys").is_visible()
    # Show, hide, take that back, show; on and back, later; on, back and on, hide.
    press(window.page, "s h u s j k l j k ArrowDown h")
    save(window.page)
    assert reviews(petition) == ["OK", "OK", "WAITING", "WAITING", "HIDDEN"]
    assert window.page.evaluate("document.activeElement.closest('form').matches('[data-undo]')"), "nothing is left"
    # Where more are left, the key for it works as long as nothing was decided on the new page.
    window.open(f"{names_path(petition)}?{window.page.url.partition('&')[2]}")
    save(window.page, "u")
    assert reviews(petition) == ["WAITING"] * 5
    assert window.real_problems() == []


def test_the_same_keys_work_where_they_have_russian_letters(petition: Petition, desk: Callable[..., Window]) -> None:
    waiting(petition, 2)
    window = desk(language="ru")
    window.open(names_path(petition))
    typed = "new KeyboardEvent('keydown', {key: 'ы', code: 'KeyS', bubbles: true, cancelable: true})"
    window.page.evaluate(f"document.activeElement.dispatchEvent({typed})")
    save(window.page)
    assert reviews(petition) == ["OK", "WAITING"]


def test_after_the_last_name_the_button_for_saving_has_the_focus(
    petition: Petition, desk: Callable[..., Window]
) -> None:
    waiting(petition, 1)
    window = desk()
    window.open(names_path(petition))
    press(window.page, "h")
    assert window.page.evaluate("document.activeElement.matches('form[data-review] input[type=submit]')")
    press(window.page, "k")
    assert window.page.evaluate("document.activeElement.value") == "HIDE"


def test_without_scripts_names_and_reasons_are_decided_on_by_clicks(
    petition: Petition, desk: Callable[..., Window]
) -> None:
    first, second = waiting(petition, 2, reason="За свабоду")
    window = desk(scripts=False, width=360)
    window.open(names_path(petition))
    assert not window.page.locator(".review-keys").is_visible()
    window.page.locator(f"input[name=choice-{first.pk}][value=SHOW]").check()
    window.page.locator(f"input[name=choice-{second.pk}][value=HIDE]").check()
    window.page.locator("form[data-review] input[type=submit]").click()
    assert reviews(petition) == ["OK", "HIDDEN"]
    window.page.get_by_role("button", name="Undo").click()
    assert reviews(petition) == ["WAITING", "WAITING"]
    window.open(reasons_path(petition))
    window.page.locator(f"input[name=choice-{first.pk}][value=ERASE]").check()
    window.page.get_by_role("button", name="Save, and show all that are left of these 2").click()
    window.page.get_by_role("button", name="Erase this reason").click()
    rows = Signature.objects.order_by("pk").values_list("reason", "reason_approved")
    assert list(rows) == [(None, False), ("За свабоду", True)]


@pytest.mark.parametrize("view", [("ru", 360, "light"), ("en", 1280, "dark"), ("en", 360, "dark")])
def test_the_pages_break_no_rule_of_wcag_and_fit_a_phone(
    petition: Petition, desk: Callable[..., Window], view: tuple[str, int, str]
) -> None:
    language, width, scheme = view
    rows = waiting(petition, 3, reason="За свабоду " * 20)
    Signature.objects.filter(pk=rows[0].pk).update(name="Даўгаеімя" * 12)
    factories.make_signature(petition, visibility="PUBLIC", name="עברית שם 1", name_review="WAITING")
    window = desk(language=language, width=width)
    window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    found: list[str] = []
    for path in (names_path(petition), reasons_path(petition)):
        window.open(path)
        found += violations(window)
        assert not window.scrolls_sideways(), path
    press(window.page, "e")
    save(window.page)
    found += violations(window)
    assert not window.scrolls_sideways(), "asking"
    window.open(names_path(petition))
    press(window.page, "s h")
    save(window.page)
    found += violations(window)
    assert not window.scrolls_sideways(), "done"
    assert found == []
