"""Columns are recognised by the headings of other services, and every row meets one fate."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.collecting.headings import columns_of, letter_of
from signatures.collecting.outside_rows import address_of, read_list, seal, unseal
from signatures.models.outside_list import RowFate
from signatures.safeguarding.typed_addresses import parsed, unwrapped
from tests.support.outside_lists import csv_of

TODAY = date(2026, 1, 1)
EXPORTS = {
    "Change.org": ("Name,City,State,Postal Code,Country,Signed On", (None, 4, 5)),
    "openPetition": ("Name,PLZ,Ort,Land,Datum", (None, 3, 4)),
    "Google Forms": ("Timestamp,Email Address,Your name,Country", (1, 3, 0)),
    "Google Forms, Russian": ("Отметка времени,Адрес электронной почты,Имя,Страна", (1, 3, 0)),
    "Action Network": ("first_name,last_name,email,zip_code,country,created_at", (2, 4, 5)),
    "LimeSurvey": ("Response ID,Date submitted,Last page,Start language,E-mail,Country", (4, 5, 1)),
    "LimeSurvey, codes": ("id,submitdate,lastpage,startlanguage,email,country", (4, 5, 1)),
    "Belarusian": ("Імя,Электронная пошта,Краіна,Дата подпісу", (1, 2, 3)),
}
TABLE = st.lists(st.lists(st.text(max_size=30), min_size=4, max_size=4), min_size=1, max_size=8)


@pytest.mark.parametrize("service", EXPORTS)
def test_columns_are_recognised_by_the_headings_of_other_services(service: str) -> None:
    headings, places = EXPORTS[service]
    found = columns_of(headings.split(","), {})
    assert (found.address, found.country, found.day) == places


def test_columns_have_the_letters_that_programs_for_tables_show() -> None:
    assert [letter_of(place) for place in (0, 25, 26, 99)] == ["A", "Z", "AA", "CV"]


def test_a_file_without_headings_is_read_from_its_first_row() -> None:
    content = b"a@example.org,PL\nb@example.org,LT\n"
    chosen = {"address": "A", "country": "B", "day": "-"}
    reading = read_list(content, petition_id=1, today=TODAY, chosen=chosen, country="", month_first=False)
    assert [(row.line, row.fate, row.country) for row in reading.rows] == [(1, "TAKEN", "PL"), (2, "TAKEN", "LT")]


@given(TABLE)
def test_every_row_meets_one_fate_and_nothing_of_a_name_or_address_is_kept(rows: list[list[str]]) -> None:
    rows = [
        [cell.replace('"', "").replace(",", "").replace("\r", "").replace("\n", "") for cell in row] for row in rows
    ]
    content = csv_of([["Ada", "ada@example.org", "PL", "2025-03-04"], *rows], encoding="utf-16")
    reading = read_list(content, petition_id=1, today=TODAY, chosen={}, country="PL", month_first=False)
    for row in reading.rows:
        assert row.fate in RowFate.values
        assert (row.fate == RowFate.TAKEN) == bool(row.country)
    assert reading.usable >= 1
    assert unseal(seal(reading.rows)) == list(reading.rows)


@given(
    st.from_regex(r"[a-zA-Z0-9._+\-]{1,70}@[a-zA-Z0-9.\-]{1,20}(\.[a-z]{1,4})?", fullmatch=True)
    | st.sampled_from(["a@b.test", "A.b+c@Example.ORG", "a@b..org", "a@-b.org", "a@b.org.", f"{'a' * 65}@example.org"])
)
def test_a_plain_address_is_read_as_the_form_reads_it(typed: str) -> None:
    assert address_of(typed) == parsed(unwrapped(typed))
