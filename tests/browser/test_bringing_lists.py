"""A list from elsewhere is read and let in without scripts, on wide screens and on phones, by two people."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from signatures.collecting.list_entering import enter_lists
from signatures.models import OutsideList, Petition, Signature
from tests.browser.conftest import OpenWindow
from tests.browser.test_accessibility import RULES
from tests.browser.test_typing_sheets import as_organiser
from tests.support.outside_lists import csv_of, list_path, lists_path, people

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Axe()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 360)])
def test_a_list_is_brought_in_by_two_people_without_scripts(
    language: str, width: int, petition: Petition, open_window: OpenWindow, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(csv_of([*people(25), ["No", "nobody", "Poland", "2025-03-04"]]))
    window = open_window(scripts=False, width=width)
    as_organiser(window, language)
    window.open(lists_path(petition))
    window.page.fill("#id_label", "openPetition")
    window.page.set_input_files("#id_file", str(file))
    window.page.click(".submit-row input")
    one = OutsideList.objects.get()
    assert window.page.url.endswith(list_path(one))
    assert window.page.locator("button[value=start]").count() == 0
    other = open_window(width=width)
    as_organiser(other, language)
    for path in (lists_path(petition), list_path(one)):
        other.open(path)
        assert AXE.run(other.page, options=RULES).response["violations"] == []
        assert other.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    other.page.click("button[value=start]")
    assert other.page.locator("progress").count() == 1
    enter_lists()
    other.open(list_path(one))
    assert Signature.objects.filter(source="IMPORT").count() == 25
    assert AXE.run(other.page, options=RULES).response["violations"] == []
    assert window.real_problems() == []
