"""The first page of the desk: how each campaign goes and what waits, in numbers that are the database's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from signatures.admin.dashboard import CARDS_MAX, LINES_MAX
from signatures.admin.to_do import OVERDUE_DAYS
from signatures.counting.folding import fold_tallies
from signatures.counting.watching import watch
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import AuditEntry, Delivery, HourTally, OutgoingMail, Petition, Signature
from signatures.models.choices import AuditAction, NameReview, PetitionStatus, TallyKind, Visibility
from signatures.moderating.waiting import WAITING_MAX, waiting_in
from signatures.signing.forms import HONEYPOT
from signatures.signing.my_signature import withdraw_signature
from tests.support import factories
from tests.support.database import query
from tests.support.desk import change_path, online_path
from tests.support.hand_overs import answer, delivery_path, grow_older, hand_over
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of, read, words
from tests.support.page_tables import table
from tests.support.tally_reading import sign_and_confirm, subject_of

pytestmark = pytest.mark.django_db
LogIn = Callable[[str], Client]
DESK = "/admin/"
LIST = reverse("admin:signatures_signature_changelist")


def figure(page: str) -> str:
    """Return the large number of the only card."""
    (found,) = re.findall(r"<strong>([\d,]+)</strong>\s*signatures?\b", page)
    return str(found)


def numbers_of(client: Client, petition: Petition) -> dict[tuple[str, str], str]:
    """Return the rows of a petition's file of numbers."""
    response = client.get(reverse("admin:petition_numbers", args=[petition.pk]))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["what", "which", "amount"]
    return {(what, which): amount for what, which, amount in rows[1:]}


def test_the_first_page_shows_what_the_database_holds_after_all_that_signers_can_do(
    petition: Petition, mailbox: Mailbox, visitor: Client, organiser: Client
) -> None:
    for number, country in enumerate(["BY", "PL", "PL"]):
        sign_and_confirm(petition, mailbox, email=f"{number}@example.org", country=country, name="Secret Name")
    factories.sign(visitor, petition, email="held@example.org", **{HONEYPOT: "a robin"})
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    factories.sign(visitor, petition, email="unconfirmed@example.org")
    withdraw_signature(subject=subject_of(petition, "0@example.org"))
    for _ in range(2):
        page = read(organiser, DESK)
        exact = petition.signatures.confirmed().count()
        assert figure(page) == str(exact) == "2"
        assert re.search(r"Today \(UTC\)</dt>\s*<dd>\s*\+2\s*</dd>", page)
        assert re.search(r"In seven days</dt>\s*<dd>\s*\+2\s*</dd>", page)
        assert table(page, "Country") == {"Poland": "2"}
        assert table(page, "Language") == {"English": "2"}
        assert table(page, "Who may see the name") == {"Only the organisers and the recipients": "2"}
        assert table(page, "Form") == {
            "Became signatures": "3",
            "Expired without an answer": "0",
            "Still waiting, held, or signed once more": "2",
        }
        assert "What became of 5 forms sent" in words(page)
        assert sum(int(change) for change in table(page, "Day").values()) == exact
        assert sum(int(change) for change in table(page, "Hour").values()) == exact
        assert "1 signature is held and waits for a decision." in words(page)
        assert f"{LIST}?petition__id__exact={petition.pk}&amp;state__exact=HELD" in page
        assert "Secret Name" not in page
        # Folded or not.
        fold_tallies()
    assert not AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED).exists()


def test_the_file_has_the_same_numbers_and_names_nobody(
    petition: Petition, mailbox: Mailbox, organiser: Client
) -> None:
    sign_and_confirm(petition, mailbox, name="Secret Name", country="LT")
    for number in range(12):
        factories.make_signature(petition, country="PL" if number else "BY", visibility="COUNTED")
    rows = numbers_of(organiser, petition)
    assert rows["count", ""] == "13"
    assert (rows["sent", ""], rows["confirmed", ""], rows["expired", ""]) == ("1", "13", "0")
    assert {which: amount for (what, which), amount in rows.items() if what == "country"} == {
        "PL": "11",
        "BY": "1",
        "LT": "1",
    }
    assert (rows["visibility", "COUNTED"], rows["source", "WEB"]) == ("12", "13")
    now = query("SELECT now() AT TIME ZONE 'UTC'")[0][0]
    assert rows["day (UTC)", f"{now:%Y-%m-%d}"] == rows["hour (UTC)", f"{now:%Y-%m-%d %H}:00"] == "13"
    assert [what for what, _ in rows].count("day (UTC)") == 30
    assert [what for what, _ in rows].count("hour (UTC)") == 48
    answer_to = organiser.get(reverse("admin:petition_numbers", args=[petition.pk]))
    assert f"numbers-{petition.slug}.csv" in answer_to["Content-Disposition"]
    assert "no-store" in answer_to["Cache-Control"]
    assert b"Secret" not in answer_to.content
    # No cell but a number begins with what a spreadsheet takes for a formula.
    assert not re.search(rb"(?m)^[=+@\-]|,[=+@]|,-\D", answer_to.content)
    assert organiser.get("/admin/signatures/petition/999/numbers.csv").status_code == 404


@pytest.mark.parametrize("role", ["Organisers", "Moderators", "Editors", "Auditors", "no role"])
def test_each_role_sees_numbers_and_what_it_may_do_itself(
    petition: Petition, organiser_client: LogIn, role: str
) -> None:
    client = Client()
    account = factories.make_organiser("Auditors" if role == "no role" else role)
    if role == "no role":
        account.groups.clear()
    client.force_login(account)
    factories.make_signature(petition, state="HELD", state_reason="SUSPICIOUS")
    factories.make_signature(petition)
    Petition.objects.update(erase_on=datetime.now(UTC).date() + timedelta(days=3))
    page = read(client, DESK)
    assert (petition.title_en in page) is (role != "no role")
    assert ("1 signature is held" in words(page)) is (role in {"Organisers", "Moderators"})
    assert (f"{LIST}?petition__id__exact={petition.pk}" in page) is (role in {"Organisers", "Moderators"})
    assert (reverse("admin:petition_hand_over", args=[petition.pk]) in page) is (role == "Organisers")
    assert ("everything stored of its signers will be erased" in words(page)) is (role != "no role")
    # Only administrators erase.
    assert reverse("admin:petition_purge", args=[petition.pk]) not in page
    assert (reverse("admin:petition_numbers", args=[petition.pk]) in page) is (role != "no role")
    assert client.get(reverse("admin:petition_numbers", args=[petition.pk])).status_code == (
        404 if role == "no role" else 200
    )
    if role == "no role":
        assert "Your account has no role yet." in words(page)
        assert "mail" not in words(page)


def test_names_and_reasons_that_wait_are_told_of_the_petition_that_they_are_in(organiser: Client) -> None:
    quiet, busy = factories.make_petition(title_en="A quiet one"), factories.make_petition(title_en="A busy one")
    factories.make_signature(quiet)
    for _ in range(2):
        factories.make_signature(busy, visibility=Visibility.PUBLIC, reason="Because")
    Signature.objects.filter(petition=busy).update(name_review=NameReview.WAITING)
    cards = re.split(r"<article", read(organiser, DESK))[1:]
    of = {name: next(card for card in cards if f"A {name} one" in card) for name in ("quiet", "busy")}
    assert "2 names wait to be looked at before everyone sees them." in words(of["busy"])
    assert "2 reasons for signing wait to be read." in words(of["busy"])
    assert "To do" not in words(of["quiet"])


def test_a_flood_is_told_as_more_than_anybody_looks_through(petition: Petition, organiser: Client) -> None:
    signature = factories.make_signature(petition)
    query(
        "INSERT INTO signatures_signature (petition_id, email_key, state, state_reason, source, visibility, country,"
        " language, text_version_id, reason_approved, ever_counted) SELECT petition_id, sha256(n::text::bytea), 'HELD',"
        " 'SUSPICIOUS', 'WEB', 'COUNTED', 'PL', 'en', text_version_id, false, false"
        " FROM signatures_signature, generate_series(1, %s) AS n WHERE id = %s",
        [5 * WAITING_MAX, signature.pk],
    )
    assert "1,000 signatures or more are held and wait for a decision." in words(read(organiser, DESK))
    # For another petition nothing of the flood is read.
    quiet = factories.make_petition()
    query("ANALYZE signatures_signature")
    with CaptureQueriesContext(connection) as asked:
        assert waiting_in([quiet.pk])[quiet.pk].held == 0
    plan = [line for (line,) in query(f"EXPLAIN (ANALYZE) {asked.captured_queries[0]['sql']}")]
    assert not [line for line in plan if "signature_not_counted" in line]
    assert not [line for line in plan if re.search(r"Rows Removed by Filter: [1-9]\d", line)], "\n".join(plan)


def test_a_reply_that_is_long_overdue_is_told_until_it_is_entered(petition: Petition, organiser: Client) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    delivery = hand_over(organiser, recipient_of(petition, "Parliament"))
    sentence = "1 hand-over was made more than 30 days ago and has had no reply."
    assert sentence not in words(read(organiser, DESK))
    query("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE signatures_delivery DISABLE TRIGGER USER")
    today = datetime.now(UTC).date()
    Delivery.objects.update(handed_over_on=today - timedelta(days=OVERDUE_DAYS))
    assert sentence not in words(read(organiser, DESK))
    Delivery.objects.update(handed_over_on=today - timedelta(days=OVERDUE_DAYS + 1))
    query("ALTER TABLE signatures_delivery ENABLE TRIGGER USER")
    page = read(organiser, DESK)
    assert sentence in words(page)
    assert f'href="{delivery_path(delivery)}"' in page
    answer(organiser, delivery)
    assert sentence not in words(read(organiser, DESK))


def test_mails_that_wait_are_counted_with_the_oldest(petition: Petition, visitor: Client, organiser: Client) -> None:
    assert "No mail is waiting to be sent." in words(read(organiser, DESK))
    factories.sign(visitor, petition)
    assert "1 mail is waiting to be sent, since " in words(read(organiser, DESK))
    factories.sign(visitor, petition, email="other@example.org")
    OutgoingMail.objects.filter(pk=OutgoingMail.objects.earliest("pk").pk).update(created_at="2011-01-02T03:04Z")
    assert "2 mails are waiting to be sent, the oldest since 2 January 2011, 03:04 UTC." in words(read(organiser, DESK))


def test_a_new_petition_is_led_step_by_step_until_people_can_sign(organiser_client: LogIn) -> None:
    client = organiser_client("Organisers")
    assert "There is no petition yet" in words(read(client, DESK))
    assert reverse("admin:signatures_petition_add") in read(client, DESK)
    petition = factories.make_petition(publish=False, body_en="", body_ru="", contact="")
    petition.recipients.all().delete()

    def steps() -> list[str]:
        return re.findall(r'<li class="(\w*)">', read(client, DESK))

    assert steps() == ["next", "", "", ""]
    Petition.objects.update(body_en="Text", body_ru="Текст")
    assert steps() == ["done", "next", "", ""]
    factories.make_recipient(petition, "Parliament", "Парламент")
    assert steps() == ["done", "done", "next", ""]
    Petition.objects.update(contact="contact@example.org")
    assert steps() == ["done", "done", "done", "next"]
    assert f'href="{online_path(petition)}"' in read(client, DESK)
    assert online_path(petition) in read(organiser_client("Editors"), DESK)
    assert online_path(petition) not in read(organiser_client("Auditors"), DESK)
    factories.publish_next(petition)
    assert page_of(petition) not in read(client, DESK)
    Petition.objects.update(status=PetitionStatus.OPEN)
    page = read(client, DESK)
    assert steps() == []
    assert "Nobody has signed yet. Pass the page on." in words(page)
    for path in (page_of(petition), page_of(petition, language="ru"), f"{page_of(petition)}text/1/"):
        assert f'href="{path}"' in page
    assert f'href="{page_of(petition, "qr").removesuffix("/")}' in page


def test_many_petitions_cost_no_more_and_the_newest_that_are_open_come_first(organiser: Client) -> None:
    first = factories.make_petition(title_en="Number 0")
    factories.make_signature(first)

    def look() -> tuple[str, list[str]]:
        with CaptureQueriesContext(connection) as asked:
            page = read(organiser, DESK)
        return page, [one["sql"] for one in asked.captured_queries]

    read(organiser, DESK)
    _, few = look()
    Petition.objects.update(status=PetitionStatus.CLOSED)
    for number in range(1, CARDS_MAX + LINES_MAX + 3):
        other = factories.make_petition(title_en=f"Number {number}")
        for _ in range(3):
            factories.make_signature(other, visibility="PUBLIC", reason="Because")
    page, many = look()
    assert len(many) == len(few)
    assert not [sql for sql in many if "COUNT(" in sql and "signatures_signature" in sql]
    titles = [int(number) for number in re.findall(r">\s*Number (\d+)\s*<", page)]
    last = CARDS_MAX + LINES_MAX + 2
    assert titles == list(range(last, last - CARDS_MAX - LINES_MAX, -1))
    assert page.count("<article") == CARDS_MAX
    assert "All petitions" in words(page)
    assert f'href="{change_path(first)}"' not in page
    # Each line tells what waits there.
    assert words(page).count("3 reasons for signing wait to be read.") == CARDS_MAX + LINES_MAX


def test_more_that_left_than_came_is_drawn_hollow_and_written_with_its_sign(
    petition: Petition, organiser: Client
) -> None:
    HourTally.objects.create(
        petition=petition, kind=TallyKind.CONFIRMED, amount=3, hour=datetime.now(UTC) - timedelta(hours=26)
    )
    write_tally(petition.pk, [Event(TallyKind.WITHDRAWN, Dimensions("WEB", "PL", "en", "PUBLIC"))])
    watched = watch([petition.pk])[petition.pk]
    assert (watched.today, watched.week) == (-1, 2)
    page = read(organiser, DESK)
    assert next(iter(table(page, "Day").values())) == "−1"
    assert page.count(' down"') == 2
    assert "Hollow bars: more left than came." in words(page)
    assert re.search(r"<dd>\s*−1\s*</dd>", page)


def test_the_rooms_stand_in_the_order_of_use(petition: Petition, organiser_client: LogIn) -> None:
    rooms = words(read(organiser_client(""), DESK).partition('<nav class="rooms"')[2])
    order = ["Petitions", "Signatures", "News", "Hand-overs", "Check files", "People", "Audit log"]
    places = [rooms.index(name) for name in order]
    assert places == sorted(places)
