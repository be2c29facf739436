"""A list from elsewhere is read, looked at, entered by the worker as a whole, counted once, and taken out again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from signatures.collecting import list_entering
from signatures.collecting.list_entering import enter_lists
from signatures.collecting.lists import drop_forgotten_lists
from signatures.counting.reconciling import compare_tally
from signatures.models import (
    AuditEntry,
    Batch,
    Bundle,
    ListPart,
    Organiser,
    OutsideList,
    Petition,
    Sheet,
    Signature,
    Tally,
)
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.database import traces_of
from tests.support.mailbox import Mailbox, code_in
from tests.support.outside_lists import (
    HEADINGS,
    csv_of,
    enter,
    list_path,
    lists_path,
    people,
    press,
    read_in,
    rows_path,
    send,
    workbook_of,
)
from tests.support.page_reading import read, words
from tests.support.rules import path_of, work
from tests.support.tally_reading import counted
from tests.support.two_people import somebody

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> tuple[Client, Client]:
    """Return the browsers of two organisers."""
    return somebody("Organisers")[1], somebody("Organisers")[1]


def imported(petition: Petition) -> list[Signature]:
    """Return the signatures that came from elsewhere."""
    return list(Signature.objects.filter(petition=petition, source="IMPORT").order_by("pk"))


def test_a_list_counts_once_let_in_by_a_second_person_under_its_own_source_and_dates(
    petition: Petition, two: tuple[Client, Client]
) -> None:
    rows: list[list[object]] = [
        *people(12),
        ["Again", "Signer-1@example.org", "Poland", "2025-03-04"],
        ["No", "nobody", "Poland", "2025"],
    ]
    one = read_in(two[0], petition, csv_of(rows))
    assert one.fates == {"TAKEN": 12, "TWICE": 1, "BAD_ADDRESS": 1}
    press(two[0], one, "start")
    enter_lists()
    assert counted(petition) == "0"
    press(two[1], one, "start")
    enter_lists()
    assert (counted(petition), compare_tally(petition)) == ("12", {})
    found = imported(petition)
    assert {(each.visibility, each.name, each.city, each.country) for each in found} == {("COUNTED", None, None, "PL")}
    assert {f"{each.signed_on}" for each in found} == {"2025-03-04"}
    assert all(each.current_since > datetime(2025, 3, 5, tzinfo=UTC) for each in found)
    assert set(Tally.objects.values_list("kind", "source", "amount")) == {("CONFIRMED", "IMPORT", 12)}
    assert (Bundle.objects.get().label, Sheet.objects.get().amount) == ("openPetition", 12)
    assert ListPart.objects.count() == 0


def test_neither_addresses_nor_names_are_stored_and_what_waits_is_encrypted(
    petition: Petition, two: tuple[Client, Client]
) -> None:
    one = read_in(two[0], petition, csv_of(people(12)))
    assert traces_of("signer-3@example.org", "Signer 3", "2025-03-04") == []
    press(two[1], one, "start")
    enter_lists()
    assert traces_of("signer-3@example.org", "Signer 3") == []


def test_who_signed_here_counts_once_and_neither_page_file_nor_log_tells_who_had(
    petition: Petition, two: tuple[Client, Client]
) -> None:
    for number in range(3):
        factories.make_signature(petition, address=f"signer-{number}@example.org")
    one = enter(two, petition, csv_of(people(20)))
    other = enter(two, petition, csv_of(people(20, start=100)), label="Another")
    assert counted(petition) == "40"
    pages = [words(read(two[0], list_path(each))).replace(each.label, "") for each in (one, other)]
    assert ("10 or up to nine more" in pages[0], "20 or up to nine more" in pages[1]) == (True, True)
    assert one.fates == other.fates
    amounts = AuditEntry.objects.filter(action__startswith="LIST_").values_list("amount", flat=True)
    assert set(amounts) == {20}


def test_what_becomes_of_each_row_is_told_before_anything_counts(
    petition: Petition, two: tuple[Client, Client]
) -> None:
    strange = [
        ["=1+1", "=cmd|' /C calc'!A0", "Poland", "2025-03-04"],
        ["A", "a@example.org", "Atlantis", "2025-03-04"],
        ["B", "b@example.org", "", "2025-03-04"],
        ["C", "c@example.org", "Poland", "31.02.2025"],
        ["D", "d@example.org", "Poland", "2999-01-01"],
        ["E", "", "Poland", "2025-03-04"],
        ["F", "f@example.org", "Poland", ""],
    ]
    one = read_in(two[0], petition, csv_of([*people(10), *strange]))
    answer = two[0].get(rows_path(one))
    told = dict(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [told[str(line)] for line in (2, *range(12, 19))] == [
        "Taken, or here already",
        "Not an e-mail address",
        "No country is called like this",
        "No country",
        "Not a date",
        "The date is in the future",
        "No e-mail address",
        "No date",
    ]
    assert counted(petition) == "0"


def test_a_country_for_rows_without_one_and_columns_by_letter(petition: Petition, two: tuple[Client, Client]) -> None:
    rows = [[f"x{n}", f"{n}@example.org", "03/04/2025"] for n in range(10)]
    content = csv_of(rows, headings=("who", "reach", "when"), delimiter=";", encoding="utf-16")
    page = send(two[0], petition, content)
    assert (page.status_code, "B “reach”" in page.content.decode()) == (422, True)
    chosen = {"address_column": "b", "day_column": "when", "country": "Lithuania", "dates": "month"}
    enter(two, petition, content, **chosen)
    assert {(each.country, f"{each.signed_on}") for each in imported(petition)} == {("LT", "2025-03-04")}
    page = send(two[0], petition, content, address_column="Z")
    assert (page.status_code, "no such column" in page.content.decode()) == (422, True)


def test_a_list_without_addresses_is_taken_with_a_warning_and_never_twice(
    petition: Petition, two: tuple[Client, Client]
) -> None:
    rows = [[f"Name {n}", "Berlin", "Deutschland", "04.03.2025"] for n in range(10)]
    content = csv_of([*rows, rows[0]], headings=("Name", "Ort", "Land", "Datum"), delimiter="\t")
    one = read_in(two[0], petition, content)
    assert "will count twice" in words(read(two[0], list_path(one)))
    assert one.fates == {"TAKEN": 10, "TWICE": 1}
    press(two[1], one, "start")
    enter_lists()
    assert counted(petition) == "10"
    page = send(two[0], petition, content)
    assert (page.status_code, "entered already" in page.content.decode()) == (422, True)


def test_fewer_than_ten_rows_are_no_list(petition: Petition, two: tuple[Client, Client]) -> None:
    page = send(two[0], petition, csv_of(people(9)))
    assert (page.status_code, "Fewer than ten" in page.content.decode()) == (422, True)
    assert OutsideList.objects.count() == 0


def test_a_list_is_stopped_dropped_and_forgotten_after_a_day(petition: Petition, two: tuple[Client, Client]) -> None:
    one = read_in(two[0], petition, csv_of(people(12)))
    press(two[1], one, "start")
    press(two[0], one, "stop")
    enter_lists()
    assert counted(petition) == "0"
    press(two[0], one, "drop")
    assert (OutsideList.objects.count(), ListPart.objects.count()) == (0, 0)
    one = read_in(two[0], petition, csv_of(people(12)))
    assert drop_forgotten_lists() == 0
    OutsideList.objects.update(made_at="2011-01-01T00:00Z")
    assert (drop_forgotten_lists(), ListPart.objects.count()) == (1, 0)


def test_whoever_stops_it_in_the_middle_leaves_nothing_of_it(
    petition: Petition, two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = read_in(two[0], petition, csv_of(people(30)))
    press(two[1], one, "start")
    monkeypatch.setattr(list_entering, "ROWS_AT_ONCE", 10)
    tell = list_entering._tell

    def stopped(*args: object) -> None:
        if Signature.objects.count() == 20:
            OutsideList.objects.update(stage="PARKED", started_by=None)
        tell(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(list_entering, "_tell", stopped)
    assert enter_lists() == 0
    assert (Signature.objects.count(), Tally.objects.count(), Bundle.objects.count()) == (0, 0, 0)


def test_a_list_is_broken_off_if_whoever_let_it_in_has_lost_the_right(
    petition: Petition, two: tuple[Client, Client]
) -> None:
    one = read_in(two[0], petition, csv_of(people(12)))
    press(two[1], one, "start")
    one.refresh_from_db()
    Organiser.objects.filter(pk=one.started_by_id or 0).update(is_active=False)
    enter_lists()
    one.refresh_from_db()
    assert (one.stage, counted(petition)) == ("PARKED", "0")


def test_part_of_a_list_is_no_list(petition: Petition, two: tuple[Client, Client]) -> None:
    one = read_in(two[0], petition, csv_of(people(12)))
    press(two[1], one, "start")
    ListPart.objects.all().delete()
    enter_lists()
    assert (OutsideList.objects.count(), counted(petition)) == (0, "0")


def test_a_list_is_taken_out_as_a_whole_but_for_those_who_have_confirmed_here_since(
    petition: Petition, two: tuple[Client, Client], mailbox: Mailbox
) -> None:
    one = enter(two, petition, csv_of(people(12)))
    factories.sign(Client(), petition, email="signer-5@example.org", visibility="COUNTED")
    factories.confirm(Client(), code_in(mailbox.deliver()[0]))
    assert counted(petition) == "12"
    press(two[0], one, "undo")
    batch = Batch.objects.latest("pk")
    two[0].post(path_of(batch), {"do": "start", "action": "REMOVE", "reason": "DUPLICATE"})
    work()
    assert (counted(petition), compare_tally(petition)) == ("1", {})
    assert "Out of the count" in words(read(two[0], list_path(one)))
    again = enter(two, petition, csv_of(people(12)))
    assert again.stage == "DONE"


def test_erasing_a_campaign_erases_what_was_said_of_lists(petition: Petition, two: tuple[Client, Client]) -> None:
    enter(two, petition, csv_of(people(12)))
    read_in(two[0], petition, csv_of(people(12, start=50)))
    Petition.objects.filter(pk=petition.pk).update(status="CLOSED")
    purge_petition(petition=petition, reason="over", actor=None)
    assert (OutsideList.objects.count(), ListPart.objects.count()) == (0, 0)
    assert counted(petition) == "12"
    assert "was erased" in words(read(two[0], lists_path(petition)))


def test_a_workbook_is_read_with_its_days(petition: Petition, two: tuple[Client, Client]) -> None:
    rows = [[f"x{n}", f"{n}@example.org", "Беларусь", datetime(2025, 3, 4, 10, 0)] for n in range(10)]  # noqa: DTZ001
    enter(two, petition, workbook_of(rows))
    assert {(each.country, f"{each.signed_on}") for each in imported(petition)} == {("BY", "2025-03-04")}


def test_only_those_with_the_right_enter_lists(petition: Petition, organiser_client: LogIn) -> None:
    for role in ("Typists", "Moderators", "Editors", "Auditors"):
        assert organiser_client(role).get(lists_path(petition)).status_code == 403, role


def test_a_list_is_never_written_to_the_disk(
    petition: Petition, two: tuple[Client, Client], settings: object, tmp_path: object
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = f"{tmp_path}/nowhere"  # type: ignore[attr-defined]
    content = csv_of([[*row, "x" * 5000] for row in people(600)], headings=(*HEADINGS, "Comment"))
    form = {"label": "x", "version": factories.newest_version(petition).pk, "language": "en"}
    file = SimpleUploadedFile("x.csv", content)
    assert two[0].post(lists_path(petition), {**form, "file": file}).status_code == 302
