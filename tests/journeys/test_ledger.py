"""The ledger: anyone can add up the count, day by day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.formats import date_format

from signatures.counting.folding import fold_tallies
from signatures.models import Movement, Petition, Release, Signature, Tally
from signatures.models.choices import StateReason, TallyKind
from tests.support import factories
from tests.support.database import query
from tests.support.page_reading import in_language, page_of, read, shown_count, words
from tests.support.releases import ENOUGH, release, sign_hidden

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
Enter = Callable[..., None]


@pytest.fixture
def enter(petition: Petition) -> Enter:
    """Return a function that lets something have happened."""

    def write(kind: TallyKind, amount: int = 1, **values: str) -> None:
        dimensions = {"source": "WEB", "country": "BY", "language": "ru", "visibility": "COUNTED", **values}
        Tally.objects.create(petition=petition, kind=kind, amount=amount, **dimensions)
        if not Release.objects.exists():
            # Enough people for releases.
            sign_hidden(petition, ENOUGH - Signature.objects.count())

    return write


def publish(petition: Petition, days_ago: int, *, changed: int = 0, withdrawn: int = 0) -> None:
    """Make a release some days ago of what was entered since the one before, whoever did it.

    :param changed: people who changed their signature
    :param withdrawn: people who withdrew
    """
    Movement.objects.all().delete()
    moves = [
        *[{"was_counted": False, "is_counted": True}] * ENOUGH,
        *[{"was_counted": True, "is_counted": True}] * changed,
        *[{"was_counted": True, "is_counted": False, "is_gone": True, "has_withdrawn": True}] * withdrawn,
    ]
    Movement.objects.bulk_create(
        Movement(signature_id=-number, petition=petition, **move) for number, move in enumerate(moves, 1)
    )
    assert release(petition, ago=timedelta(days=days_ago))


def ledger_of(client: Client, petition: Petition) -> dict[str, dict[str, Any]]:
    """Return the days of the JSON by their dates."""
    answer = client.get(page_of(petition, "ledger_json"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return {day.pop("day"): day for day in answer.json()["days"]}


def table_of(page: str, kind: str) -> list[list[str]]:
    """Return what a table of the page says, row by row, the headings first."""
    table, _, _ = page.partition(f'<table class="{kind}">')[2].partition("</table>")
    rows = [re.findall(r"<t([hd])\b[^>]*>(.*?)</t\1>", row, re.DOTALL) for row in table.split("<tr>")[1:]]
    return [[words(cell) for _, cell in row] for row in rows]


def headings_of_days(client: Client, petition: Petition, language: str) -> list[str]:
    """Return the headings of the table of days, each of whose rows has as many cells."""
    headings, *rows = table_of(read(client, page_of(petition, "ledger", language)), "numbers days")
    assert rows
    assert {len(row) for row in rows} == {len(headings)}
    return headings


def spelt(amount: int, language: str) -> str:
    """Return a number of four digits as pages in a language write it."""
    return f"{amount:,}".replace(",", {"en": ",", "ru": " "}[language])


def test_every_day_adds_up_to_the_count(petition: Petition, visitor: Client, enter: Enter) -> None:
    enter(TallyKind.SUBMITTED, 90)
    enter(TallyKind.CONFIRMED, 50)
    publish(petition, 40)
    enter(TallyKind.EXPIRED, 40)
    enter(TallyKind.CONFIRMED, 70, country="PL")
    enter(TallyKind.CONFIRMED, 300, source="PAPER")
    enter(TallyKind.WITHDRAWN, 20)
    enter(TallyKind.REMOVED, 30, reason=StateReason.INVENTED)
    publish(petition, 2, withdrawn=20)
    enter(TallyKind.RESTORED, 10)
    enter(TallyKind.CHANGED_FROM, 10)
    enter(TallyKind.CHANGED_TO, 10, visibility="PUBLIC")
    enter(TallyKind.CORRECTION, -1)
    enter(TallyKind.CONFIRMED, 100)
    publish(petition, 1, changed=10)
    enter(TallyKind.CONFIRMED, 100)
    days = ledger_of(visitor, petition)
    assert len(days) == 3, "the rest waits for a release"
    assert [day["count"] for day in days.values()] == [60, 380, 489]
    assert list(days.values())[1] == {
        "submitted": None,
        "expired": None,
        "confirmed": 70,
        "paper": 300,
        "imported": 0,
        "restored": 0,
        "withdrawn": 20,
        "removed": 30,
        "corrected": 0,
        "untold": 0,
        "changed": 0,
        "count": 380,
    }
    # A correction of one is not told apart, nor what would give it away.
    assert (list(days.values())[2]["corrected"], list(days.values())[2]["changed"]) == (0, 10)
    signed = {"confirmed": 1, "paper": 1, "imported": 1, "restored": 1, "corrected": 1, "untold": 1}
    signed |= {"withdrawn": -1, "removed": -1}
    total = sum(sign * day[column] for day in days.values() for column, sign in signed.items())
    assert total == list(days.values())[-1]["count"]
    assert visitor.get(page_of(petition, "ledger_json")).json()["removed_by_reason"] == {"INVENTED": 30}


def test_a_day_whose_releases_leave_a_few_people_over_is_part_of_the_next(
    petition: Petition, visitor: Client, enter: Enter
) -> None:
    enter(TallyKind.CONFIRMED, 50)
    publish(petition, 3)
    enter(TallyKind.CONFIRMED, 20)
    publish(petition, 2)
    enter(TallyKind.WITHDRAWN, 19)
    publish(petition, 2, withdrawn=19)
    assert shown_count(petition) == "61"
    assert [day["count"] for day in ledger_of(visitor, petition).values()] == [60], "61 is one more"
    page = words(read(Client(), page_of(petition, "ledger")))
    assert "UTC the count was 60." in page
    enter(TallyKind.CONFIRMED, 10)
    publish(petition, 1)
    *_, last = ledger_of(Client(), petition).values()
    assert (last["confirmed"], last["withdrawn"], last["count"]) == (30, 19, 71)


@LANGUAGES
def test_the_page_shows_months_days_and_reasons(
    petition: Petition, visitor: Client, enter: Enter, language: str
) -> None:
    enter(TallyKind.CONFIRMED, 1224)
    publish(petition, 70)
    enter(TallyKind.REMOVED, 40, reason=StateReason.DUPLICATE)
    publish(petition, 1)
    page = read(visitor, page_of(petition, "ledger", language))
    text = words(page)
    before, after = spelt(1234, language), spelt(1194, language)
    assert after in text
    with translation.override(language):
        first, last = (date_format(datetime.now(UTC) - timedelta(days=ago), "j E Y") for ago in (70, 1))
    assert table_of(page, "numbers days")[1:] == [
        [last, after, "0", "0", "0", "40"],
        [first, before, before, "0", "0", "0"],
    ]
    assert [row[-2:] for row in table_of(page, "numbers")[1:]] == [["-40", after], [before, before]]
    assert f"{in_language('The same person twice', language)}: 40" in text
    months = {(datetime.now(UTC) - timedelta(days=ago)).strftime("%Y-%m") for ago in (1, 70)}
    assert page.count("<progress") == len(months)
    assert page_of(petition, "ledger_json", language) in page


@LANGUAGES
def test_columns_in_which_nothing_happened_of_late_make_room_for_the_others(
    petition: Petition, visitor: Client, enter: Enter, language: str
) -> None:
    enter(TallyKind.CONFIRMED, 30)
    publish(petition, 2)
    headings = {
        "en": ["Day (UTC)", "Count", "Confirmed", "Changed", "Withdrawn", "Removed"],
        "ru": ["День (UTC)", "Всего", "Подтверждено", "Изменено", "Отозвано", "Исключено"],
    }[language]
    assert headings_of_days(visitor, petition, language) == headings
    enter(TallyKind.CONFIRMED, 10, source="PAPER")
    enter(TallyKind.CONFIRMED, 20, source="IMPORT")
    enter(TallyKind.RESTORED, 10)
    enter(TallyKind.CORRECTION, -10)
    publish(petition, 1)
    rare = {
        "en": ["Paper", "Imported", "Restored", "Corrected"],
        "ru": ["На бумаге", "Внесено списком", "Восстановлено", "Исправлено"],
    }[language]
    headings = [*headings[:3], *rare[:2], *headings[3:], *rare[2:]]
    # Another browser's pages are not remembered yet.
    assert headings_of_days(Client(), petition, language) == headings


@LANGUAGES
def test_an_ordinary_petition_tells_how_many_forms_were_sent_and_lapsed(
    visitor: Client, petition: Petition, language: str
) -> None:
    ordinary = factories.make_petition(protection="ORDINARY")
    for of in (ordinary, petition):
        sign_hidden(of, 20)
        for kind, amount in ((TallyKind.SUBMITTED, 60), (TallyKind.EXPIRED, 40)):
            Tally.objects.create(petition=of, kind=kind, amount=amount, source="WEB", country="BY", language="ru")
        publish(of, 1)
    (day,) = ledger_of(visitor, ordinary).values()
    assert (day["submitted"], day["expired"]) == (60, 40)
    assert (
        headings_of_days(visitor, ordinary, language)[2:4]
        == {
            "en": ["Submitted", "Expired"],
            "ru": ["Отправлено", "Срок истёк"],
        }[language]
    )
    # One person can send ten.
    (day,) = ledger_of(visitor, petition).values()
    assert (day["submitted"], day["expired"]) == (None, None)
    assert {"en": "Submitted", "ru": "Отправлено"}[language] not in read(visitor, page_of(petition, "ledger", language))


@LANGUAGES
def test_a_petition_that_nobody_has_signed_has_a_page_too(petition: Petition, visitor: Client, language: str) -> None:
    page = words(read(visitor, page_of(petition, "ledger", language)))
    assert in_language("No numbers have been published yet.", language) in page
    assert ledger_of(visitor, petition) == {}


def test_folding_changes_nothing_in_it(petition: Petition, visitor: Client, enter: Enter) -> None:
    for _ in range(15):
        enter(TallyKind.CONFIRMED)
        enter(TallyKind.SUBMITTED)
    publish(petition, 1)
    before = ledger_of(visitor, petition)
    fold_tallies()
    assert ledger_of(Client(), petition) == before


def test_it_is_read_in_few_statements_however_long_it_is(petition: Petition, visitor: Client, enter: Enter) -> None:
    sign_hidden(petition)
    publish(petition, 3000)
    query(
        "INSERT INTO signatures_release (petition_id, number, made_at, figures)"
        " SELECT petition_id, n + 1, made_at + n * interval '1 day', jsonb_set(figures, '{count}', to_jsonb(n * 10))"
        " FROM signatures_release, generate_series(1, 2000) AS n"
    )
    with CaptureQueriesContext(connection) as queries:
        page = read(visitor, page_of(petition, "ledger"))
    assert len(queries) <= 8
    assert len(page) < 300_000
    assert "20,000" in page


def test_drafts_have_none(visitor: Client) -> None:
    draft = factories.make_petition(publish=False)
    assert visitor.get(page_of(draft, "ledger")).status_code == 404
    assert visitor.get(page_of(draft, "ledger_json")).status_code == 404
