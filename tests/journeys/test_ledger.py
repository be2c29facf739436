"""The ledger: anyone can add up the count, day by day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from signatures.counting.folding import fold_tallies
from signatures.models import Petition, Tally
from signatures.models.choices import StateReason, TallyKind
from tests import factories
from tests.pages import in_language, page_of, read, words

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
Enter = Callable[..., None]


@pytest.fixture
def enter(petition: Petition) -> Enter:
    """Return a function that lets something have happened some days ago."""

    def write(days_ago: int, kind: TallyKind, amount: int = 1, **values: str) -> None:
        day = datetime.now(UTC).date() - timedelta(days=days_ago)
        dimensions = {"source": "WEB", "country": "BY", "language": "ru", "visibility": "COUNTED", **values}
        Tally.objects.create(petition=petition, day=day, kind=kind, amount=amount, **dimensions)

    return write


def ledger_of(client: Client, petition: Petition) -> dict[str, dict[str, int]]:
    """Return the days of the JSON by their dates."""
    answer = client.get(page_of(petition, "ledger_json"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return {day.pop("day"): day for day in answer.json()["days"]}


def headings_of_days(client: Client, petition: Petition, language: str) -> list[str]:
    """Return the headings of the table of days, each of whose rows has as many cells."""
    _, table = read(client, page_of(petition, "ledger", language)).split('<table class="numbers days">')
    table, _, _ = table.partition("</table>")
    head, _, body = table.partition("</thead>")
    headings = [unescape(heading) for heading in re.findall(r'<th scope="col">([^<]+)</th>', head)]
    rows = body.split("<tr>")[1:]
    assert rows
    assert {row.count("<td>") + row.count("<th ") for row in rows} == {len(headings)}
    return headings


def test_every_day_adds_up_to_the_count(petition: Petition, visitor: Client, enter: Enter) -> None:
    enter(40, TallyKind.SUBMITTED, 9)
    enter(40, TallyKind.CONFIRMED, 5)
    enter(33, TallyKind.EXPIRED, 4)
    enter(2, TallyKind.CONFIRMED, 7, country="PL")
    enter(2, TallyKind.CONFIRMED, 30, source="PAPER")
    enter(2, TallyKind.WITHDRAWN, 2)
    enter(2, TallyKind.REMOVED, 3, reason=StateReason.INVENTED)
    enter(1, TallyKind.RESTORED, 1)
    enter(1, TallyKind.CHANGED_FROM, 1)
    enter(1, TallyKind.CHANGED_TO, 1, visibility="PUBLIC")
    enter(1, TallyKind.CORRECTION, -1)
    enter(0, TallyKind.CONFIRMED, 100)
    days = ledger_of(visitor, petition)
    assert len(days) == 4, "today is not over"
    assert [day["count"] for day in days.values()] == [5, 5, 37, 37]
    assert list(days.values())[2] == {
        "submitted": 0,
        "expired": 0,
        "confirmed": 7,
        "paper": 30,
        "imported": 0,
        "restored": 0,
        "withdrawn": 2,
        "removed": 3,
        "corrected": 0,
        "changed": 0,
        "removed_by_reason": {"INVENTED": 3},
        "count": 37,
    }
    signed = {"confirmed": 1, "paper": 1, "imported": 1, "restored": 1, "corrected": 1, "withdrawn": -1, "removed": -1}
    total = sum(sign * day[column] for day in days.values() for column, sign in signed.items())
    assert total == list(days.values())[-1]["count"] == petition.tallies.all().closed_days().count_signatures()


@LANGUAGES
def test_the_page_shows_months_days_and_reasons(
    petition: Petition, visitor: Client, enter: Enter, language: str
) -> None:
    enter(70, TallyKind.CONFIRMED, 1234)
    enter(1, TallyKind.REMOVED, 4, reason=StateReason.DUPLICATE)
    page = read(visitor, page_of(petition, "ledger", language))
    text = words(page)
    assert {"en": "1,230", "ru": "1 230"}[language] in text
    assert f"{in_language('The same person twice', language)}: 4" in text
    months = {(datetime.now(UTC) - timedelta(days=ago)).strftime("%Y-%m") for ago in (1, 70)}
    assert page.count("<progress") == len(months)
    assert page_of(petition, "ledger_json", language) in page


@LANGUAGES
def test_columns_in_which_nothing_happened_of_late_make_room_for_the_others(
    petition: Petition, visitor: Client, enter: Enter, language: str
) -> None:
    enter(1, TallyKind.CONFIRMED, 3)
    headings = {
        "en": ["Day (UTC)", "Count", "Submitted", "Expired", "Confirmed", "Changed", "Withdrawn", "Removed"],
        "ru": ["День (UTC)", "Всего", "Отправлено", "Срок истёк", "Подтверждено", "Изменено", "Отозвано", "Исключено"],
    }[language]
    assert headings_of_days(visitor, petition, language) == headings
    enter(1, TallyKind.CONFIRMED, source="PAPER")
    enter(1, TallyKind.CONFIRMED, source="IMPORT")
    enter(1, TallyKind.RESTORED)
    enter(1, TallyKind.CORRECTION, -1)
    rare = {
        "en": ["Paper", "Imported", "Restored", "Corrected"],
        "ru": ["На бумаге", "Внесено списком", "Восстановлено", "Исправлено"],
    }[language]
    headings = [*headings[:5], *rare[:2], *headings[5:], *rare[2:]]
    # Another browser's pages are not remembered yet.
    assert headings_of_days(Client(), petition, language) == headings


@LANGUAGES
def test_a_petition_that_nobody_has_signed_has_a_page_too(petition: Petition, visitor: Client, language: str) -> None:
    page = words(read(visitor, page_of(petition, "ledger", language)))
    sentence = {"en": "No day is over yet", "ru": "Ещё не закончился ни один день"}[language]
    assert sentence in page
    assert ledger_of(visitor, petition) == {}


def test_folding_changes_nothing_in_it(petition: Petition, visitor: Client, enter: Enter) -> None:
    for _ in range(5):
        enter(1, TallyKind.CONFIRMED)
        enter(3, TallyKind.SUBMITTED)
    before = ledger_of(visitor, petition)
    fold_tallies()
    assert ledger_of(Client(), petition) == before


def test_it_is_read_in_few_statements_however_long_it_is(petition: Petition, visitor: Client, enter: Enter) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO signatures_tally"
            " (petition_id, day, kind, reason, source, country, language, visibility, amount)"
            " SELECT %s, current_date - n, 'CONFIRMED', '', 'WEB', 'BY', 'ru', 'COUNTED', 1"
            " FROM generate_series(1, 5000) AS n",
            [petition.pk],
        )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = read(visitor, page_of(petition, "ledger"))
    assert len(queries) <= 8
    assert len(page) < 300_000
    assert "5,000" in page


def test_drafts_have_none(visitor: Client) -> None:
    draft = factories.make_petition(publish=False)
    assert visitor.get(page_of(draft, "ledger")).status_code == 404
    assert visitor.get(page_of(draft, "ledger_json")).status_code == 404
