"""A sheet that two people type without seeing each other's reading: only what agrees or was settled is entered."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from pytest_django import Settings

from signatures.collecting.renewing import renew_paper
from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, Petition, Sheet, Signature, Typing
from tests.support import factories
from tests.support.database import refuses, traces_of
from tests.support.page_reading import field_value, read, words
from tests.support.sheets import (
    ROWS,
    Typed,
    bundle_path,
    count_only,
    make_sheets,
    press,
    settle,
    sheet_path,
    type_sheet,
)
from tests.support.tally_reading import counted
from tests.support.two_people import somebody

pytestmark = pytest.mark.django_db
NAME = "Зянон Пазьняк-Zażółć"
FIRST: list[Typed] = [("PUBLIC", NAME, "BY"), *ROWS[1:]]
SECOND: list[Typed] = [("PUBLIC", "Зянон Пазняк", "BY"), *ROWS[1:], ("COUNTED", "", "LT")]


@pytest.fixture
def sheet(petition: Petition) -> Sheet:
    """Return a sheet that two people type."""
    return make_sheets(petition, two_people=True)[0]


@pytest.fixture
def both(db: None) -> tuple[Client, Client]:
    """Return the browsers of two organisers."""
    return somebody("Organisers")[1], somebody("Organisers")[1]


def test_what_one_has_typed_waits_unseen_and_encrypted(
    petition: Petition, sheet: Sheet, both: tuple[Client, Client]
) -> None:
    first, second = both
    type_sheet(first, sheet, FIRST)
    assert (counted(petition), Signature.objects.count()) == ("0", 0)
    assert traces_of(NAME) == []
    assert "Waits for a second person" in words(read(first, bundle_path(sheet.bundle)))
    for client in both:
        assert NAME not in read(client, sheet_path(sheet))
    assert "You have typed this sheet" in words(read(first, sheet_path(sheet)))
    assert "1 sheet is typed and waits for a second person" in words(read(second, "/admin/"))
    entry = AuditEntry.objects.get(action="SHEET_TYPED")
    assert (entry.amount, entry.details) == (3, {"sheet": sheet.number})
    # Neither twice by one person, nor by a number that nobody else has counted.
    type_sheet(first, sheet, FIRST)
    count_only(second, sheet, 40)
    assert (counted(petition), Typing.objects.count()) == ("0", 1)


def test_two_who_read_the_same_have_entered_it(petition: Petition, sheet: Sheet, both: tuple[Client, Client]) -> None:
    for client in both:
        type_sheet(client, sheet, FIRST)
    assert (counted(petition), compare_tally(petition)) == ("3", {})
    assert Typing.objects.count() == 0


def test_what_they_read_differently_is_shown_and_settled(
    petition: Petition, sheet: Sheet, both: tuple[Client, Client]
) -> None:
    first, second = both
    type_sheet(first, sheet, FIRST)
    answer = type_sheet(second, sheet, SECOND)
    assert answer.headers["Location"] == sheet_path(sheet)
    assert counted(petition) == "0"
    page = words(read(second, sheet_path(sheet)))
    assert NAME in page
    assert "Зянон Пазняк" in page
    assert "Nobody on this row" in page
    assert "Ala Sakałoŭskaja" not in page
    desk = words(read(first, "/admin/"))
    assert "1 sheet was read differently by two people" in desk
    assert "waits for a second person" not in desk
    look = AuditEntry.objects.filter(action="NAMES_VIEWED").latest("pk")
    assert (look.details["page"], look.amount, look.target) == ("SHEET", 2, sheet.bundle_id)
    assert settle(second, sheet, **{"1": "first"}).status_code == 422
    settle(second, sheet, **{"1": "first", "4": "neither"})
    rows = Signature.objects.order_by("pk").values_list("visibility", "name", "country")
    assert list(rows) == [
        ("PUBLIC", NAME, "BY"),
        ("DELIVERED", "Ala Sakałoŭskaja", "BY"),
        ("COUNTED", None, "PL"),
    ]
    assert (counted(petition), compare_tally(petition), Typing.objects.count()) == ("3", {}, 0)
    settle(second, sheet, **{"1": "second", "4": "second"})
    assert counted(petition) == "3"


def test_who_may_not_see_signatures_learns_no_name_by_typing_without_the_paper(petition: Petition) -> None:
    """Whichever of the two it is, whatever is typed, and whatever form is sent."""
    guesses: list[list[Typed]] = [
        [("PUBLIC", "Nobody", "BY")],
        [("PUBLIC", "Nobody", "BY"), *ROWS[1:]],
        [("PUBLIC", "Nobody", "BY"), ("DELIVERED", "Nobody", "BY"), *ROWS[2:]],
        ROWS * 2,
    ]
    for guess in guesses:
        for is_first in (True, False):
            (sheet,) = make_sheets(petition, two_people=True)
            typist, honest = somebody("Typists")[1], somebody("Typists")[1]
            for client in (typist, honest) if is_first else (honest, typist):
                type_sheet(client, sheet, guess if client is typist else [*ROWS, ("PUBLIC", NAME, "PL")])
            page = read(typist, sheet_path(sheet))
            assert "too different to be shown here" in words(page)
            assert not [name for name in (NAME, "Пушкін", "Sakałoŭskaja") if name in page]
            seen = "-".join(str(one.pk) for one in sheet.typings.order_by("place"))
            lines = {str(line): "first" for line in range(1, 7)}
            for chosen in (lines, dict(list(lines.items())[:4]), {"1": "first", "4": "first"}):
                assert NAME not in words(press(typist, sheet, "settle", seen=seen, **chosen))
            assert not sheet.rows.exists()
            organiser = somebody("Organisers")[1]
            assert NAME in read(organiser, sheet_path(sheet))


def test_who_only_types_settles_slips_of_the_pen(petition: Petition, sheet: Sheet) -> None:
    first, second = somebody("Typists")[1], somebody("Typists")[1]
    type_sheet(first, sheet, FIRST)
    type_sheet(second, sheet, SECOND[:3])
    assert NAME in read(second, sheet_path(sheet))
    settle(second, sheet, **{"1": "first"})
    assert (counted(petition), compare_tally(petition)) == ("3", {})


def test_a_row_that_one_alone_has_read_is_entered_only_if_somebody_else_chooses_so(petition: Petition) -> None:
    for place in (0, 1):
        (sheet,) = make_sheets(petition, two_people=True)
        clients = [somebody("Organisers")[1] for _ in range(3)]
        more, fewer, third = clients[place], clients[1 - place], clients[2]
        for client in clients[:2]:
            type_sheet(client, sheet, ROWS * 4 if client is more else ROWS)
        own, before = ("first", "second")[place], counted(petition)
        chosen = {str(line): own for line in range(4, 13)}
        answer = settle(more, sheet, **chosen)
        assert (answer.status_code, "Only you have read somebody on this row" in words(answer)) == (422, True)
        assert settle(more, sheet, **dict.fromkeys(chosen, "neither") | {"7": own}).status_code == 422
        assert counted(petition) == before
        settle(fewer if place else third, sheet, **chosen)
        assert (sheet.rows.count(), compare_tally(petition)) == (12, {})


def test_who_alone_has_read_a_row_may_leave_it_out(
    petition: Petition, sheet: Sheet, both: tuple[Client, Client]
) -> None:
    first, second = both
    type_sheet(first, sheet, ROWS)
    type_sheet(second, sheet, [*ROWS, ROWS[2]])
    settle(second, sheet, **{"4": "first"})
    assert (counted(petition), compare_tally(petition)) == ("3", {})


def test_what_was_typed_can_be_dropped_and_typed_anew(
    petition: Petition, sheet: Sheet, both: tuple[Client, Client]
) -> None:
    first, second = both
    type_sheet(first, sheet, FIRST)
    type_sheet(second, sheet, SECOND)
    seen = field_value(read(first, sheet_path(sheet)), "seen") or ""
    press(first, sheet, "drop")
    assert Typing.objects.count() == 0
    assert AuditEntry.objects.filter(action="SHEET_DROPPED", target=sheet.bundle_id).exists()
    # A page that still shows the old readings settles nothing, also where the same rows differ anew.
    press(first, sheet, "settle", seen=seen, **{"1": "second", "4": "second"})
    type_sheet(second, sheet, FIRST)
    type_sheet(first, sheet, SECOND)
    for shown in (seen, "", "0-0"):
        answer = press(first, sheet, "settle", seen=shown, **{"1": "second", "4": "neither"})
        assert "It was typed anew meanwhile" in words(answer)
    assert counted(petition) == "0"
    press(first, sheet, "drop")
    for client in both:
        type_sheet(client, sheet, SECOND)
    assert (counted(petition), compare_tally(petition)) == ("4", {})


def test_what_waits_under_a_key_that_is_gone_is_typed_anew(
    petition: Petition, sheet: Sheet, both: tuple[Client, Client], settings: Settings
) -> None:
    first, second = both
    type_sheet(first, sheet, FIRST)
    type_sheet(second, sheet, SECOND)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert first.get(sheet_path(sheet)).status_code == 200
    for client in both:
        type_sheet(client, sheet, SECOND)
    assert counted(petition) == "4"


def test_what_is_kept_of_paper_comes_under_a_new_key_so_that_the_old_one_can_go(
    petition: Petition, sheet: Sheet, both: tuple[Client, Client], settings: Settings
) -> None:
    first, second = both
    type_sheet(first, sheet, FIRST)
    (stack,) = make_sheets(petition)
    count_only(first, stack, 12, place="In the cupboard")
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    renew_paper()
    settings.ENCRYPTION_KEYS = [new]
    assert "In the cupboard" in words(read(first, sheet_path(stack)))
    type_sheet(second, sheet, FIRST)
    assert counted(petition) == "15"
    # Without a key what there is stays as it is: the key may come back.
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    renew_paper()
    settings.ENCRYPTION_KEYS = [new]
    assert "In the cupboard" in words(read(first, sheet_path(stack)))


def test_the_database_lets_nobody_be_both(sheet: Sheet) -> None:
    actor = factories.make_organiser()
    insert = (
        "INSERT INTO signatures_typing (sheet_id, place, typed_by_id, rows_encrypted) VALUES (%s, 1, %s, ''),"
        " (%s, 2, %s, '')"
    )
    refuses(insert, sheet.pk, actor.pk, sheet.pk, actor.pk, by="typing_by_two_people")
