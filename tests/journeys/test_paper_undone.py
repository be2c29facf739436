"""Paper is taken out of the count as a whole, typed anew, erased, and does not come back with a backup."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.counting.reconciling import compare_tally
from signatures.models import Batch, Bundle, EnteredRow, Petition, Sheet, Signature, Tally
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.database import query, traces_of
from tests.support.page_reading import read, words
from tests.support.restores import Restore
from tests.support.rules import path_of, work
from tests.support.sheets import (
    ROWS,
    bundle_path,
    count_only,
    entered,
    make_sheets,
    paper_path,
    sheet_path,
    take_out,
    type_sheet,
)
from tests.support.tally_reading import counted
from tests.support.two_people import ask_for_two, asked, press, somebody

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
NAME = "Зянон Пазьняк-Zażółć"


def test_paper_that_is_taken_out_can_be_typed_again_and_is_never_counted_beside_itself(
    petition: Petition, organiser: Client
) -> None:
    sheet, other = make_sheets(petition, amount=2)
    type_sheet(organiser, sheet, [("PUBLIC", NAME, "PL"), *ROWS])
    type_sheet(organiser, other, ROWS)
    batch = take_out(organiser, sheet_path(sheet))
    assert {one.state for one in entered(sheet)} == {"REMOVED"}
    assert (counted(petition), compare_tally(petition)) == ("3", {})
    assert "out of the count" in words(read(organiser, sheet_path(sheet)))
    type_sheet(organiser, sheet, ROWS)
    assert traces_of(NAME) == []
    organiser.post(path_of(batch), {"do": "undo"})
    work()
    assert (counted(petition), compare_tally(petition)) == ("6", {})


def test_a_whole_bundle_is_taken_out_and_that_is_taken_back(petition: Petition, organiser: Client) -> None:
    first, second = make_sheets(petition, amount=2)
    type_sheet(organiser, first, ROWS)
    count_only(organiser, second, 10)
    factories.make_signature(petition)
    batch = take_out(organiser, bundle_path(first.bundle))
    assert (counted(petition), compare_tally(petition)) == ("1", {})
    assert set(Tally.objects.filter(kind="REMOVED").values_list("source", "reason")) == {("PAPER", "DUPLICATE")}
    organiser.post(path_of(batch), {"do": "undo"})
    work()
    assert (counted(petition), compare_tally(petition)) == ("14", {})
    # What counts again is not typed once more.
    type_sheet(organiser, first, ROWS)
    assert counted(petition) == "14"


def test_taking_much_paper_out_waits_for_a_second_person_where_the_petition_asks_for_two(petition: Petition) -> None:
    (sheet,) = make_sheets(petition)
    _organiser, client = somebody("Organisers")
    count_only(client, sheet, 30)
    ask_for_two(petition, rows=10)
    client.post(sheet_path(sheet), {"action": "undo"})
    batch = Batch.objects.latest("pk")
    form = {"do": "start", "action": "REMOVE", "reason": "DUPLICATE"}
    approval = asked(cast("HttpResponse", client.post(path_of(batch), form)))
    work()
    assert counted(petition) == "30"
    press(somebody("Organisers")[1], approval, "agree")
    press(client, approval, "carry_out")
    work()
    assert (counted(petition), compare_tally(petition)) == ("0", {})


def test_erasing_a_campaign_erases_what_was_said_of_paper(petition: Petition, organiser: Client) -> None:
    typed, bare, waiting = make_sheets(petition, amount=2) + make_sheets(petition, two_people=True)
    type_sheet(organiser, typed, [("PUBLIC", NAME, "PL")])
    count_only(organiser, bare, 3)
    type_sheet(organiser, waiting, ROWS)
    Petition.objects.filter(pk=petition.pk).update(status="CLOSED")
    purge_petition(petition=petition, reason="over", actor=None)
    assert (Bundle.objects.count(), Sheet.objects.count(), EnteredRow.objects.count()) == (0, 0, 0)
    assert traces_of(NAME, "Market square") == []
    assert counted(petition) == "4"
    page = words(read(organiser, paper_path(petition)))
    assert "was erased" in page
    assert organiser.get(sheet_path(typed)).status_code == 404


def test_paper_that_was_taken_out_or_erased_does_not_come_back_with_a_backup(
    petition: Petition, organiser: Client, organiser_client: LogIn, restore: Restore
) -> None:
    taken, again, kept = make_sheets(petition, amount=3)
    for sheet in (taken, again, kept):
        type_sheet(organiser, sheet, [("PUBLIC", NAME, "PL"), *ROWS])
    erased = entered(kept)[0]

    def act() -> None:
        take_out(organiser, sheet_path(taken))
        take_out(organiser, sheet_path(again))
        type_sheet(organiser, again, ROWS)
        Signature.objects.filter(pk=erased.pk).delete()

    restore(act)
    assert {one.state for one in entered(taken)} == {"REMOVED"}
    assert not Signature.objects.filter(pk__in=again.rows.values("signature_id")).exists()
    assert not Signature.objects.filter(pk=erased.pk).exists()
    assert (counted(petition), compare_tally(petition)) == ("3", {})
    # Everybody logs in again.
    type_sheet(organiser_client("Organisers"), again, ROWS)
    assert (counted(petition), compare_tally(petition)) == ("6", {})


def test_numbers_that_were_printed_after_the_backup_are_never_given_again(petition: Petition, restore: Restore) -> None:
    known = make_sheets(petition, amount=3)
    printed: list[int] = []

    def act() -> None:
        printed.extend(sheet.number for sheet in make_sheets(petition, amount=600, lines=1))
        # A sequence does not go back with its transaction, but does with a backup.
        query("SELECT setval(pg_get_serial_sequence('signatures_sheet', 'id'), %s)", [known[-1].number])

    restore(act)
    factories.publish_next(petition)
    given = make_sheets(petition, amount=600)
    assert min(sheet.number for sheet in given) > max(printed)


def test_two_petitions_share_no_number_of_a_sheet(petition: Petition) -> None:
    sheets = [*make_sheets(petition, amount=2), *make_sheets(factories.make_petition(), amount=2)]
    assert len({sheet.number for sheet in sheets}) == 4
