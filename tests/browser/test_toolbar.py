"""The toolbar above a text in a browser: with the mouse, by keyboard, undone, and noticed by the preview."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from signatures.models import Petition
from tests.browser.conftest import OpenWindow
from tests.browser.test_text_previews import open_desk

pytestmark = pytest.mark.django_db(transaction=True)
FIELD = "#id_body_en"
MARKS = """([field, text, start, end]) => {
  const one = document.querySelector(field);
  one.value = text;
  one.focus();
  one.setSelectionRange(start, end);
}"""
WAYS = [
    ("bold", "we ask", 3, 6, "we **ask**"),
    ("bold", "we **ask**", 5, 8, "we ask"),
    ("bold", "we ask ", 2, 7, "we **ask** "),
    ("italic", "we ask", 3, 6, "we *ask*"),
    ("italic", "we **ask**", 5, 8, "we ***ask***"),
    ("heading", "Why", 1, 1, "## Why"),
    ("heading", "## Why", 4, 4, "Why"),
    ("list", "one\ntwo", 0, 7, "- one\n- two"),
    ("numbers", "- one\n- two", 0, 11, "1. one\n2. two"),
    ("numbers", "Text.\none\ntwo", 6, 13, "Text.\n\n1. one\n2. two"),
    ("quote", "No.", 0, 3, "> No."),
    ("link", "the report", 4, 10, "the [report](https://)"),
    ("link", "https://example.org", 0, 19, "[words](https://example.org)"),
    ("bold", "", 0, 0, "**words**"),
]


def value(page: Page) -> str:
    """Return what stands in the field."""
    return page.locator(FIELD).input_value()


def test_each_button_marks_what_is_chosen_and_is_undone_by_one_key(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    open_desk(window, petition)
    page = window.page
    for mark, text, start, end, expected in WAYS:
        page.evaluate(MARKS, [FIELD, "", 0, 0])
        page.keyboard.insert_text(text)
        page.evaluate(
            "([field, start, end]) => document.querySelector(field).setSelectionRange(start, end)", [FIELD, start, end]
        )
        page.click(f"[data-toolbar=id_body_en] [data-mark={mark}]")
        assert value(page) == expected, mark
        assert page.evaluate("document.activeElement.id") == "id_body_en"
        page.keyboard.press("Control+z")
        assert value(page) == text, mark
    assert window.real_problems() == []


def test_the_preview_notices_and_the_keyboard_reaches_every_button(petition: Petition, open_window: OpenWindow) -> None:
    window = open_window()
    open_desk(window, petition)
    page = window.page
    page.evaluate(MARKS, [FIELD, "freedom", 0, 7])
    focused = "document.activeElement.dataset.mark"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused) == "heading"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "bold"
    with page.expect_response("**/admin/shown-text/"):
        page.keyboard.press("Enter")
    assert value(page) == "**freedom**"
    page.locator("[data-for=id_body_en] strong").wait_for()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused) == "bold"
    page.keyboard.press("End")
    assert page.evaluate(focused) == "link"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "heading"


def test_an_outline_comes_without_sending_the_form_and_replaces_nothing(
    petition: Petition, open_window: OpenWindow
) -> None:
    Petition.objects.update(body_en="")
    window = open_window()
    open_desk(window, petition)
    page = window.page
    page.click(".outlines >> nth=0")
    with page.expect_response("**/admin/shown-text/"):
        page.click("[data-outline=id_body_en][value=city]")
    assert value(page).startswith("## The place")
    page.click(".outlines >> nth=0")
    page.click("[data-outline=id_body_en][value=parliament]")
    assert value(page).startswith("## The place")
    page.keyboard.press("Control+z")
    assert value(page) == ""
    assert window.real_problems() == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_without_scripts_nothing_is_missing_and_nothing_scrolls_sideways(
    petition: Petition, open_window: OpenWindow, width: int
) -> None:
    Petition.objects.update(body_en="")
    window = open_window(scripts=False, width=width)
    open_desk(window, petition)
    page = window.page
    assert page.locator(".toolbar:visible").count() == 0
    page.click(".outlines >> nth=0")
    page.click("[data-outline=id_body_en][value=city]")
    assert value(page).startswith("## The place")
    assert page.locator(".errornote").count() == 0
    Petition.objects.update(body_en="")
    window = open_window(width=width)
    open_desk(window, petition)
    box = window.page.locator("[data-toolbar=id_body_en]").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
