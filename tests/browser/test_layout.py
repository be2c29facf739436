"""Where things stand: the form within reach, nothing empty, nothing too long, and all of it on paper."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import zxingcpp
from django.test import Client
from PIL import Image
from playwright.sync_api import Locator

from signatures.models import Petition, Update
from signatures.models.choices import PetitionStatus
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.every_page import make_full_petition
from tests.support.page_reading import in_language, page_of
from tests.support.programs import require_program
from tests.support.releases import release, sign_publicly

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
NARROW = pytest.mark.parametrize("width", [360, 768])
EXPLANATIONS = ".rung .explained"
# How far apart two things may be that belong together, in pixels.
GAP_MAX = 48
# What a paragraph's line holds, on average, in letters.
LETTERS = """
one => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const lines = new Set([...range.getClientRects()].map(rect => Math.round(rect.top)));
  return one.textContent.trim().length / lines.size;
}
"""


@pytest.fixture
def petition(transactional_db: None, organiser_client: Callable[[str], Client]) -> Petition:
    """Return a petition that has everything."""
    return make_full_petition(organiser_client("Organisers"))


def top(one: Locator) -> float:
    """Return where something begins, in pixels from the top of the page."""
    place: float = one.evaluate("one => one.getBoundingClientRect().top + scrollY")
    return place


def bottom(one: Locator) -> float:
    """Return where something ends, in pixels from the top of the page."""
    place: float = one.evaluate("one => one.getBoundingClientRect().bottom + scrollY")
    return place


def open_page(open_window: OpenWindow, petition: Petition, name: str = "petition", **how: object) -> Window:
    """Open one of a petition's pages."""
    language = str(how.pop("language", "en"))
    window: Window = open_window(**how)
    window.open(page_of(petition, name, language))
    return window


@pytest.mark.parametrize("dark", [False, True])
def test_what_has_the_focus_is_seen_on_a_filled_button_too(
    petition: Petition, open_window: OpenWindow, dark: bool
) -> None:
    window = open_page(open_window, petition)
    window.page.emulate_media(color_scheme="dark" if dark else "light")
    button = window.page.locator("#sign form button[type=submit], form[data-sign] button[type=submit]").first
    button.focus()
    window.page.keyboard.press("Shift+Tab")
    window.page.keyboard.press("Tab")
    ring = button.evaluate("one => getComputedStyle(one).outlineColor")
    ink = window.page.evaluate("getComputedStyle(document.body).color")
    assert (ring, button.evaluate("one => getComputedStyle(one).outlineStyle")) == (ink, "solid")
    assert ring != button.evaluate("one => getComputedStyle(one).color")


@LANGUAGES
def test_on_a_wide_screen_the_whole_form_is_reached_within_a_screen_and_a_half(
    petition: Petition, open_window: OpenWindow, language: str
) -> None:
    page = open_page(open_window, petition, language=language, width=1280, height=800).page
    assert top(page.locator("input[name=name]")) <= 620
    assert bottom(page.locator("form[data-sign] button[type=submit]")) <= 1000
    assert page.locator("#sign h2").count() == 1


@LANGUAGES
def test_a_choice_is_a_line_that_says_all_it_means_once_it_is_chosen(
    petition: Petition, open_window: OpenWindow, language: str
) -> None:
    page = open_page(open_window, petition, language=language).page
    rungs, explained = page.locator(".rung").all(), page.locator(EXPLANATIONS).all()
    heights = [rung.bounding_box()["height"] for rung in rungs]  # type: ignore[index]
    assert max(heights) < 64
    assert not any(one.is_visible() for one in explained)
    for number, rung in enumerate(rungs):
        rung.locator("input").check()
        assert [one.is_visible() for one in explained] == [number == place for place in range(len(explained))]
    rungs[1].locator("input").check()
    for recipient in petition.recipients.filter(profile="NAMES"):
        assert explained[1].get_by_text(recipient.name_in(language)).is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_without_scripts_every_choice_is_explained_and_the_safety_notice_unfolds(
    petition: Petition, open_window: OpenWindow, width: int
) -> None:
    page = open_page(open_window, petition, scripts=False, width=width).page
    assert all(one.is_visible() for one in page.locator(EXPLANATIONS).all())
    notice = page.locator(".warning")
    rest = notice.get_by_text("No website can promise complete safety.")
    assert not rest.is_visible()
    notice.locator("summary").click()
    assert rest.is_visible()


@LANGUAGES
def test_the_safety_notice_comes_first_and_its_bold_words_are_never_folded(
    petition: Petition, open_window: OpenWindow, language: str
) -> None:
    page = open_page(open_window, petition, language=language, width=360).page
    bold = page.locator(".warning strong")
    assert bold.is_visible()
    assert bold.inner_text() == petition_notice(petition, language).split("**")[1]
    assert top(bold) < top(page.locator("#sign-title"))


def petition_notice(petition: Petition, language: str) -> str:
    """Return the safety notice as it was typed."""
    return str(getattr(petition, f"safety_notice_{language}"))


@NARROW
@LANGUAGES
def test_on_narrow_screens_nothing_is_empty_between_the_opening_and_the_text(
    petition: Petition, open_window: OpenWindow, width: int, language: str
) -> None:
    page = open_page(open_window, petition, language=language, scripts=False, width=width, height=740).page
    opening, text = page.locator(".opening"), page.locator(".text .prose")
    shown = [one for one in opening.locator("> *").all() if one.is_visible()]
    for one, following in pairwise(shown):
        assert top(following) - bottom(one) <= GAP_MAX
    assert top(text) - bottom(opening) <= 2 * GAP_MAX
    assert bottom(page.locator(".promise").first) <= 740 - 64, "the promise stands on the first screen"


@NARROW
def test_the_bar_lies_at_the_lower_edge_over_the_full_width_and_never_on_the_form(
    petition: Petition, open_window: OpenWindow, width: int
) -> None:
    page = open_page(open_window, petition, scripts=False, width=width, height=740).page
    bar = page.locator(".sign-bar")
    for _ in range(3):
        box = bar.bounding_box()
        assert box is not None
        assert (box["x"], box["width"]) == (0, width)
        assert box["y"] + box["height"] == pytest.approx(740, abs=1)
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(200)
    page.locator("#sign-title").scroll_into_view_if_needed()
    page.locator("input[name=consent]").scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is None or box["y"] + box["height"] <= 0


def test_beside_a_long_text_there_is_always_something(petition: Petition, open_window: OpenWindow) -> None:
    for height in (800, 1200):
        page = open_page(open_window, petition, scripts=False, width=1280, height=height).page
        beside = page.locator(".beside" if height == 800 else "form[data-sign] button[type=submit]")
        end = bottom(page.locator(".text"))
        for place in range(1200, int(end) - height, 400):
            page.mouse.wheel(0, place)
            page.wait_for_timeout(100)
            box = beside.bounding_box()
            assert box is not None
            assert 0 <= box["y"] <= height, (height, place)
            page.mouse.wheel(0, -place)
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
    closed = open_page(open_window, petition, scripts=False).page
    assert closed.locator(".beside").is_visible()
    assert closed.locator(".beside .button").count() == 0
    Update.objects.all().delete()
    alone = open_page(open_window, petition, scripts=False).page
    assert alone.locator(".side").count() == 0


@LANGUAGES
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_lines_are_as_long_as_one_reads_well(
    petition: Petition, open_window: OpenWindow, language: str, width: int
) -> None:
    page = open_page(open_window, petition, language=language, width=width).page
    long = [one for one in page.locator(".text .prose > p").all() if len(one.inner_text()) > 250]
    assert long
    letters = [one.evaluate(LETTERS) for one in long]
    assert min(letters) >= (22 if width == 360 else 44)
    assert max(letters) <= 70
    first = page.locator(".text .prose > :first-child")
    assert first.evaluate("one => getComputedStyle(one).marginTop") == "0px"


@pytest.mark.parametrize(("width", "columns"), [(360, 1), (768, 2), (1280, 3)])
def test_a_page_of_names_stands_in_columns(
    ordinary: Petition, open_window: OpenWindow, width: int, columns: int
) -> None:
    sign_publicly(ordinary, *(f"Аня Ўлашэнка {number}" for number in range(100)))
    page = open_page(open_window, ordinary, "signers", width=width).page
    lefts = page.locator(".signers li").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len({round(left) for left in lefts}) >= columns
    box = page.locator(".signers").bounding_box()
    assert box is not None
    assert box["height"] <= 4000 / columns


@LANGUAGES
def test_on_paper_stand_the_address_and_its_qr_code_and_no_form(
    petition: Petition, open_window: OpenWindow, tmp_path: Path, language: str
) -> None:
    window = open_page(open_window, petition, language=language)
    assert not [url for url in window.requests if "qr.png" in url]
    window.page.emulate_media(media="print")
    address = window.url + page_of(petition, language=language)
    assert window.page.get_by_text(address, exact=True).is_visible()
    assert not window.page.locator("form").first.is_visible()
    window.page.pdf(path=tmp_path / "page.pdf", format="A4")
    program = require_program("pdftoppm")
    subprocess.run([program, "-r", "150", "-png", "page.pdf", "sheet"], cwd=tmp_path, check=True, timeout=60)
    codes = [code for sheet in sorted(tmp_path.glob("sheet*.png")) for code in codes_on(sheet)]
    assert codes == [address]


def codes_on(sheet: Path) -> list[str]:
    """Return what the QR codes on a picture say."""
    with Image.open(sheet) as image:
        return [code.text for code in zxingcpp.read_barcodes(image.convert("L"))]


def test_the_number_stands_over_its_label_with_the_bar_right_below(ordinary: Petition, open_window: OpenWindow) -> None:
    for _ in range(3):
        factories.make_signature(ordinary)
    page = open_page(open_window, ordinary, width=360).page
    number, label = page.locator(".count-number strong"), page.locator(".count-number span")
    bar, goal = page.locator(".goal progress"), page.locator(".goal p")
    assert (number.inner_text(), label.inner_text(), goal.inner_text()) == ("3", "people have signed", "Next goal: 100")
    assert bottom(number) <= top(label) + 4
    assert 0 <= top(bar) - bottom(label) <= 24
    assert abs(top(bar) - top(goal)) < 12
    how = page.locator(".count details")
    footnote = how.get_by_text("One confirmed address is one signature")
    assert not footnote.is_visible()
    how.locator("summary").click()
    assert footnote.is_visible()


@LANGUAGES
def test_fewer_than_ten_is_said_in_words(petition: Petition, open_window: OpenWindow, language: str) -> None:
    page = open_page(open_window, petition, language=language).page
    assert page.locator(".count-number").inner_text() == in_language("Fewer than ten so far", language)
    assert page.locator(".count-number strong").count() == 0
    assert release(petition)
    shown = open_page(open_window, petition, language=language).page
    assert shown.locator(".count-number strong").inner_text() == "12"


def test_whoever_runs_the_petition_stands_in_the_header_where_the_site_has_no_name(
    petition: Petition, open_window: OpenWindow
) -> None:
    wide = open_page(open_window, petition, width=1280).page
    body = petition.responsible_body_en or ""
    assert wide.locator(".runner").inner_text() == body[0].upper() + body[1:]
    runner, languages = wide.locator(".runner").bounding_box(), wide.locator(".languages").bounding_box()
    assert runner is not None
    assert languages is not None
    assert runner["x"] < languages["x"]
    assert not open_page(open_window, petition, width=360).page.locator(".runner").is_visible()
