"""Signatures on paper: typed at the desk, counted like all others, and never entered twice."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from signatures.collecting.numbers import printed_number
from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, EnteredRow, Petition, Recipient, Signature, Tally
from signatures.models.choices import Profile
from signatures.moderating.wave_samples import sample_of
from tests.support import factories
from tests.support.database import at_once, query, traces_of
from tests.support.page_reading import read, words
from tests.support.releases import release, sign_hidden
from tests.support.sheets import (
    ROWS,
    bundle_path,
    count_only,
    entered,
    file_path,
    make_sheets,
    paper_path,
    sheet_path,
    take_out,
    type_sheet,
)
from tests.support.tally_reading import counted

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
NAME = "Зянон Пазьняк-Zażółć"


def test_a_sheet_is_typed_and_its_signatures_count_under_their_own_heading(
    petition: Petition, organiser: Client
) -> None:
    (sheet,) = make_sheets(petition)
    answer = type_sheet(organiser, sheet, [*ROWS, ("COUNTED", NAME, "")])
    assert answer.headers["Location"] == bundle_path(sheet.bundle)
    assert "4 signatures are entered" in words(read(organiser, bundle_path(sheet.bundle)))
    found = entered(sheet)
    version = factories.newest_version(petition)
    assert [(one.visibility, one.name, one.country) for one in found] == [
        ("PUBLIC", "Алесь Пушкін", "BY"),
        ("DELIVERED", "Ala Sakałoŭskaja", "BY"),
        ("COUNTED", None, "PL"),
        ("COUNTED", None, "PL"),
    ]
    for one in found:
        assert (one.source, one.state, one.email_key, one.domain_key) == ("PAPER", "CONFIRMED", None, None)
        assert (one.text_version_id, one.language, one.ever_counted) == (version.pk, "en", True)
    assert traces_of(NAME) == []
    assert compare_tally(petition) == {}
    assert counted(petition) == "4"
    assert set(Tally.objects.values_list("kind", "source")) == {("CONFIRMED", "PAPER")}
    page = words(read(organiser, reverse("admin:signatures_signature_change", args=[found[1].pk])))
    assert f"{printed_number(sheet.number)}, row 2" in page
    entry = AuditEntry.objects.get(action="SHEET_ENTERED")
    assert (entry.target, entry.amount) == (sheet.bundle_id, 4)
    assert entry.details == {"sheet": sheet.number, "with_names": 2}
    assert "Пушкін" not in json.dumps(list(AuditEntry.objects.values_list("details", "reason")), ensure_ascii=False)


def test_the_same_sheet_sent_twice_enters_nothing_twice(petition: Petition, organiser: Client) -> None:
    (sheet,) = make_sheets(petition)
    type_sheet(organiser, sheet, ROWS)
    for again in (ROWS, [("PUBLIC", "Another", "PL")]):
        type_sheet(organiser, sheet, again)
    assert "nothing was entered twice" in words(count_only(organiser, sheet, 40))
    assert counted(petition) == "3"
    assert AuditEntry.objects.filter(action="SHEET_ENTERED").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sheet_that_several_send_at_once_is_entered_by_one_of_them(
    petition: Petition, organiser_client: LogIn
) -> None:
    (sheet,) = make_sheets(petition)
    clients = [organiser_client("Organisers") for _ in range(4)]
    at_once(*(lambda client=client: type_sheet(client, sheet, ROWS) for client in clients))
    assert counted(petition) == "3"
    assert compare_tally(petition) == {}
    assert EnteredRow.objects.count() == Signature.objects.count() == 3


def test_a_sheet_whose_rows_are_not_all_typed_is_shown_again_and_enters_nothing(
    petition: Petition, organiser: Client
) -> None:
    (sheet,) = make_sheets(petition)
    answer = type_sheet(organiser, sheet, ROWS, filled="4")
    assert answer.status_code == 422
    assert "4 rows on the paper" in words(answer)
    assert "Ala Sakałoŭskaja" in answer.content.decode()
    answer = type_sheet(organiser, sheet, [("PUBLIC", "", "Atlantis")])
    assert answer.status_code == 422
    assert "No country is called like this" in words(answer)
    assert Signature.objects.count() == Tally.objects.count() == 0


def test_a_bare_number_counts_without_names_and_only_organisers_read_where_the_paper_lies(
    petition: Petition, organiser: Client
) -> None:
    (sheet,) = make_sheets(petition)
    page = words(count_only(organiser, sheet, 40, "Польшча", "The green box"))
    assert "40 signatures are entered" in page
    assert {(one.visibility, one.name, one.country, one.source) for one in Signature.objects.all()} == {
        ("COUNTED", None, "PL", "PAPER")
    }
    assert (counted(petition), compare_tally(petition)) == ("40", {})
    assert traces_of("The green box") == []
    assert "The green box" in words(read(organiser, sheet_path(sheet)))


def test_a_bare_number_of_one_sheet_among_several_is_not_that_of_all(petition: Petition, organiser: Client) -> None:
    sheet, _other = make_sheets(petition, amount=2)
    answer = count_only(organiser, sheet, 13)
    assert (answer.status_code, "A sheet of several has 12 rows" in words(answer)) == (422, True)
    slip = make_sheets(petition, amount=2, lines=1)[0]
    assert "has 1 row:" in words(count_only(organiser, slip, 2))
    assert (counted(petition), Signature.objects.count()) == ("0", 0)
    count_only(organiser, sheet, 12)
    assert (counted(petition), compare_tally(petition)) == ("12", {})


def test_names_on_paper_go_to_those_who_were_named_on_it_and_get_names_now(
    petition: Petition, organiser: Client
) -> None:
    (sheet,) = make_sheets(petition)
    later = factories.make_recipient(petition, "Senate", "Сенат")
    version = factories.publish_next(petition)
    type_sheet(organiser, sheet, ROWS)
    assert {one.text_version_id for one in entered(sheet)} == {sheet.bundle.text_version_id}
    assert sheet.bundle.text_version_id != version.pk

    def names(recipient: Recipient) -> set[str | None]:
        recipient.refresh_from_db()
        return set(Signature.objects.all().named_for(recipient).values_list("name", flat=True))

    parliament = Recipient.objects.get(petition=petition, name_en="Parliament")
    assert names(parliament) == {"Алесь Пушкін", "Ala Sakałoŭskaja"}
    assert names(later) == names(Recipient.objects.get(petition=petition, name_en="Government")) == set()
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS)
    assert names(parliament) == set()


def test_a_name_on_paper_waits_to_be_looked_at_like_every_other(petition: Petition, organiser: Client) -> None:
    Petition.objects.filter(pk=petition.pk).update(waiting_words="Пушк")
    (sheet,) = make_sheets(petition)
    type_sheet(organiser, sheet, [*ROWS, ("PUBLIC", "Call 123 now", "PL")])
    assert [one.name_review for one in entered(sheet)] == ["WAITING", "OK", "OK", "WAITING"]


def test_what_anyone_may_read_of_paper_moves_by_ten_besides_those_of_one_bundle(
    petition: Petition, organiser: Client
) -> None:
    """Whoever knows how many stand on the paper of one bundle must not learn how many others there were."""
    (first,), (second,), (third,) = (make_sheets(petition) for _ in range(3))

    def told() -> int | None:
        number: int | None = Client().get(reverse("api", kwargs={"slug": petition.slug})).json()["signature_count"]
        return number

    count_only(organiser, first, 9)
    count_only(organiser, second, 40)
    assert (release(petition), told()) == (False, None)
    factories.make_signature(petition)
    assert (release(petition), told()) == (True, 50)
    count_only(organiser, third, 300)
    sign_hidden(petition, 9)
    assert (release(petition), told()) == (False, 50)
    sign_hidden(petition, 1)
    assert (release(petition), told()) == (True, 360)
    # The same paper, taken out and typed anew, is not two groups.
    take_out(organiser, sheet_path(third))
    assert (release(petition), told()) == (False, 360)
    count_only(organiser, third, 290)
    sign_hidden(petition, 9)
    assert (release(petition), told()) == (False, 360)
    sign_hidden(petition, 1)
    assert (release(petition), told()) == (True, 360)


def test_paper_is_no_wave(petition: Petition, organiser: Client) -> None:
    (sheet,) = make_sheets(petition)
    count_only(organiser, sheet, 300)
    ((now,),) = query("SELECT now()")
    assert sample_of(petition, now) == []
    factories.make_signature(petition)
    assert len(sample_of(petition, now)) == 1


@pytest.mark.parametrize(
    ("role", "status"), [("Moderators", 403), ("Editors", 403), ("Auditors", 403), ("Typists", 200), ("", 200)]
)
def test_only_those_with_the_right_enter_paper(
    petition: Petition, organiser_client: LogIn, role: str, status: int
) -> None:
    (sheet,) = make_sheets(petition)
    client = organiser_client(role)
    for path in (paper_path(petition), bundle_path(sheet.bundle), file_path(sheet.bundle), sheet_path(sheet)):
        assert client.get(path).status_code == status
    assert type_sheet(client, sheet, ROWS).status_code == (302 if status == 200 else status)
    assert Signature.objects.count() == (3 if status == 200 else 0)


def test_a_sheet_of_another_petition_is_not_found(petition: Petition, organiser: Client) -> None:
    (sheet,) = make_sheets(factories.make_petition())
    there = [
        reverse(f"admin:petition_{name}", args=[petition.pk, number])
        for name, number in (
            ("bundle", sheet.bundle_id),
            ("bundle_file", sheet.bundle_id),
            ("sheet", sheet.number),
        )
    ]
    assert [organiser.get(path).status_code for path in there] == [404, 404, 404]


def test_whoever_only_types_sees_no_list_and_takes_nothing_out(petition: Petition, organiser_client: LogIn) -> None:
    (sheet,) = make_sheets(petition)
    typist = organiser_client("Typists")
    type_sheet(typist, sheet, ROWS)
    page = read(typist, sheet_path(sheet))
    assert "3 signatures were entered" in words(page)
    assert "Пушкін" not in page
    assert "/signature/" not in page
    assert typist.get("/admin/signatures/signature/").status_code == 403
    for path in (sheet_path(sheet), bundle_path(sheet.bundle)):
        assert typist.post(path, {"action": "undo"}).status_code == 403
