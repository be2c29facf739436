"""A text at the desk in a browser: shown as it is written, under the same policy as every page."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from signatures.models import Petition
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.desk import change_path

pytestmark = pytest.mark.django_db(transaction=True)
PASTED = "Мы просим:\n\t• **свободы:**всем\n\t• суда\n![герб](https://example.org/a.png)"
LONG = "https://example.org/" + "а" * 300


def open_desk(window: Window, petition: Petition) -> None:
    """Open the petition's page at the desk as an organiser who is logged in."""
    client = Client()
    client.force_login(factories.make_organiser())
    cookies = [{"name": name, "value": morsel.value, "url": window.url} for name, morsel in client.cookies.items()]
    window.context.add_cookies(cookies)  # type: ignore[arg-type]
    assert window.open(change_path(petition)) == 200


def test_a_text_is_shown_as_it_is_written(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    open_desk(window, petition)
    with window.page.expect_response("**/admin/shown-text/"):
        window.page.locator("#id_body_ru").fill(PASTED)
    shown = window.page.locator("[data-for=id_body_ru]")
    shown.locator("li strong").wait_for()
    assert [line.strip() for line in shown.locator("ul:not(.remarks) li").all_inner_texts()] == [
        "свободы:всем",
        "суда",
    ]
    assert "A picture is left out" in shown.locator(".remarks").inner_text()
    assert shown.locator("img").count() == 0
    # Whoever was logged out meanwhile sees the last one, not a form for logging in.
    window.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    with window.page.expect_response("**/admin/shown-text/"):
        window.page.locator("#id_body_ru").fill("другое")
    window.page.wait_for_timeout(300)
    assert "свободы:всем" in shown.inner_text()
    assert window.real_problems() == []
    assert window.hosts() == {window.url.removeprefix("http://")}


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_without_scripts_it_stands_there_as_it_was_saved_and_nothing_scrolls_sideways(
    petition: Petition, open_window: OpenWindow, width: int
) -> None:
    Petition.objects.update(body_ru=f"{PASTED}\n\n{LONG}")
    window = open_window(scripts=False, width=width)
    open_desk(window, petition)
    shown = window.page.locator("[data-for=id_body_ru]")
    assert shown.locator("li strong").inner_text() == "свободы:"
    box = shown.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert shown.evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize("width", [360, 768])
def test_no_field_of_a_recipient_is_cut_off_on_a_narrow_screen(
    petition: Petition, open_window: OpenWindow, width: int
) -> None:
    window = open_window(width=width)
    open_desk(window, petition)
    fields = window.page.locator("#recipients-group .form-row :is(input, select):visible")
    assert fields.count() >= 8
    for field, row in ((one, one.locator("xpath=ancestor::div[contains(@class, 'form-row')]")) for one in fields.all()):
        inner, outer = field.bounding_box(), row.bounding_box()
        assert inner is not None
        assert outer is not None
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
