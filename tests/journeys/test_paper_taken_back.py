"""What a signer took back, or somebody removed, does not come back by typing its paper once more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.counting.reconciling import compare_tally
from signatures.models import Petition, Signature, Typing
from tests.support.page_reading import read, words
from tests.support.sheets import ROWS, count_only, entered, erase, make_sheets, sheet_path, take_out, type_sheet
from tests.support.tally_reading import counted

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


def test_a_slip_whose_signature_was_erased_is_never_entered_again(petition: Petition, organiser: Client) -> None:
    slip = make_sheets(petition, lines=1)[0]
    type_sheet(organiser, slip, ROWS[:1])
    erase(organiser, entered(slip)[0])
    answer = type_sheet(organiser, slip, ROWS[:1])
    assert answer.status_code == 422
    assert "never entered again: row 1" in words(answer)
    count_only(organiser, slip, 1)
    page = words(read(organiser, sheet_path(slip)))
    assert "never entered again: row 1" in page
    assert "Enter the sheet" not in page
    assert (counted(petition), Signature.objects.count(), compare_tally(petition)) == ("0", 0, {})


@pytest.mark.parametrize("two_people", [False, True])
def test_of_a_sheet_that_is_typed_again_the_erased_rows_stay_out(
    petition: Petition, organiser: Client, organiser_client: LogIn, two_people: bool
) -> None:
    (sheet,) = make_sheets(petition, two_people=two_people)
    clients = [organiser, organiser_client("Organisers")][: 1 + two_people]
    for client in clients:
        type_sheet(client, sheet, ROWS)
    erase(organiser, entered(sheet)[1])
    take_out(organiser, sheet_path(sheet))
    for client in clients:
        answer = type_sheet(client, sheet, ROWS)
        assert (answer.status_code, "Row 2 was erased" in words(answer)) == (422, True)
    assert (counted(petition), Typing.objects.count()) == ("0", 0)
    # The rows are there to be mended; a second time they are refused as well.
    for _ in range(2):
        for client in clients:
            type_sheet(client, sheet, [ROWS[0], ("", "", ""), ROWS[2]], filled="2")
        assert (counted(petition), compare_tally(petition)) == ("2", {})
        take_out(organiser, sheet_path(sheet))
        assert type_sheet(organiser, sheet, ROWS).status_code == 422
    assert counted(petition) == "0"


def test_a_bare_number_is_entered_again_without_those_who_were_erased(petition: Petition, organiser: Client) -> None:
    (sheet,) = make_sheets(petition)
    count_only(organiser, sheet, 5)
    erase(organiser, entered(sheet)[1])
    take_out(organiser, sheet_path(sheet))
    assert "Without them, at most 4" in words(count_only(organiser, sheet, 5))
    count_only(organiser, sheet, 4)
    assert (counted(petition), compare_tally(petition)) == ("4", {})
    assert list(sheet.rows.filter(was_erased=False).order_by("line").values_list("line", flat=True)) == [1, 3, 4, 5]


def test_paper_that_a_moderator_removed_is_not_entered_again_by_somebody_who_only_types(
    petition: Petition, organiser: Client, organiser_client: LogIn
) -> None:
    sheet, waiting = make_sheets(petition, lines=1)[0], make_sheets(petition, two_people=True)[0]
    typist, other = organiser_client("Typists"), organiser_client("Typists")
    type_sheet(typist, sheet, ROWS[:1])
    for client in (typist, other):
        type_sheet(client, waiting, ROWS)
    for one in (sheet, waiting):
        take_out(organiser, sheet_path(one))
        type_sheet(typist, one, ROWS[: one.lines])
        count_only(typist, one, 1)
        page = words(read(typist, sheet_path(one)))
        assert "Only those who may decide on signatures enter it again" in page
        assert "Enter the sheet" not in page
    assert (counted(petition), Typing.objects.count()) == ("0", 0)
    assert {one.state for one in [*entered(sheet), *entered(waiting)]} == {"REMOVED"}
    type_sheet(organiser, sheet, ROWS[:1])
    assert (counted(petition), compare_tally(petition)) == ("1", {})


def test_rows_that_are_gone_without_having_been_erased_can_be_typed(petition: Petition, organiser: Client) -> None:
    (sheet,) = make_sheets(petition)
    type_sheet(organiser, sheet, ROWS)
    # As a backup leaves them that knew the sheet, but not the signatures.
    Signature.objects.filter(pk__in=sheet.rows.values("signature_id")).delete()
    type_sheet(organiser, sheet, ROWS)
    assert len(entered(sheet)) == 3
