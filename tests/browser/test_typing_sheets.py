"""Sheets are typed by keyboard alone, or without scripts, on wide screens and on phones."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from signatures.collecting.numbers import printed_number
from signatures.models import Petition, Signature
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_accessibility import RULES
from tests.browser.test_policy import log_in
from tests.support import factories
from tests.support.sheets import ROWS, bundle_path, make_sheets, paper_path, sheet_path, type_sheet
from tests.support.two_people import somebody

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Axe()


def as_organiser(window: Window, language: str = "en") -> None:
    """Log in as somebody who runs the campaign."""
    log_in(window, factories.make_organiser("Organisers", language=language))


def test_a_whole_sheet_is_typed_without_a_mouse(petition: Petition, open_window: OpenWindow) -> None:
    sheet, following = make_sheets(petition, amount=2)
    window = open_window()
    as_organiser(window)
    keys = window.page.keyboard
    window.open(bundle_path(sheet.bundle))
    keys.type(printed_number(sheet.number))
    with window.page.expect_navigation():
        keys.press("Enter")
    keys.type("12")
    keys.press("Enter")
    for row in range(12):
        keys.press("1" if row == 2 else "3")
        keys.press("Tab")
        keys.type("" if row == 2 else f"Зянон Пазьняк {row}")
        if row == 0:
            keys.press("Tab")
            keys.type("BY")
        keys.press("Enter")
    with window.page.expect_navigation():
        keys.press("Enter")
    assert Signature.objects.count() == 12
    assert set(Signature.objects.values_list("country", "visibility")) == {("BY", "PUBLIC"), ("BY", "COUNTED")}
    # The next one follows at once.
    keys.type(printed_number(following.number))
    with window.page.expect_navigation():
        keys.press("Enter")
    assert window.page.url.endswith(sheet_path(following))
    assert window.real_problems() == []


def test_a_slip_is_typed_without_scripts_on_a_phone(petition: Petition, open_window: OpenWindow) -> None:
    (slip,) = make_sheets(petition, lines=1)
    window = open_window(scripts=False, width=360)
    as_organiser(window, "ru")
    window.open(paper_path(petition))
    window.page.fill("[name=sheet]", printed_number(slip.number))
    window.page.press("[name=sheet]", "Enter")
    window.page.select_option("[name='1-visibility']", "DELIVERED")
    window.page.fill("[name='1-name']", "Ала Сакалоўская")
    window.page.fill("[name='1-country']", "Польша")
    window.page.press("[name='1-country']", "Enter")
    window.page.wait_for_selector(".messagelist .success")
    one = Signature.objects.get()
    assert (one.name, one.country, one.visibility) == ("Ала Сакалоўская", "PL", "DELIVERED")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 360), ("be", 768)])
def test_the_pages_of_paper_follow_the_rules_and_fit_a_phone(
    petition: Petition, open_window: OpenWindow, language: str, width: int
) -> None:
    typed, empty, wrong = make_sheets(petition, amount=3)
    (differing,) = make_sheets(petition, two_people=True)
    clients = [somebody("Organisers")[1] for _ in range(2)]
    type_sheet(clients[0], typed, ROWS)
    for client, name in zip(clients, ("Зянон", "Zianon"), strict=True):
        type_sheet(client, differing, [("PUBLIC", name, "BY")])
    window = open_window(width=width)
    as_organiser(window, language)
    found, wide = [], []
    for path in (paper_path(petition), bundle_path(typed.bundle), *map(sheet_path, (typed, empty, differing))):
        window.open(path)
        window.unfold()
        complaints = AXE.run(window.page, context={"include": [["#content"]]}, options=RULES).response["violations"]
        found += [f"{path}: {one['id']}: {one['nodes'][0]['html']}" for one in complaints]
        wide += [path] if window.scrolls_sideways() else []
    window.open(sheet_path(wrong))
    window.page.fill("[name=filled]", "4")
    window.page.fill("[name='1-country']", "Atlantis")
    window.page.click(".paper-typing [type=submit]")
    window.page.wait_for_selector(".errorlist")
    complaints = AXE.run(window.page, context={"include": [["#content"]]}, options=RULES).response["violations"]
    found += [f"with a mistake: {one['id']}: {one['nodes'][0]['html']}" for one in complaints]
    assert (found, wide) == ([], [])
