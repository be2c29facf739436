"""However many names wait, the pages of the desk and of the public read no more rows for it; and organisers race."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from signatures.models import AuditEntry, Petition, Signature
from signatures.models.choices import NameReview
from signatures.moderating.reviewing import NameDecision, decide_names
from tests.support import factories
from tests.support.database import at_once, query, rows_read
from tests.support.page_reading import page_of, read, words
from tests.support.reviews import names_path, reasons_path, waiting

pytestmark = pytest.mark.django_db(transaction=True)
FLOOD = 20_000
ROWS_MAX = 1000
STORE = """
INSERT INTO signatures_signature (petition_id, email_key, state, state_reason, ever_counted, source, visibility, name,
    name_review, country, language, text_version_id, reason, reason_approved)
SELECT %s, decode(md5(number::text || %s), 'hex'), %s, %s, %s, 'WEB', 'PUBLIC', 'Flood ' || number, %s, 'LT', 'en', %s,
    CASE WHEN number %% 2 = 0 THEN 'Because' END, false
FROM generate_series(1, %s) AS number
"""


def flood(petition: Petition, review: str, *, is_held: bool = False) -> None:
    """Store many public signatures."""
    state, reason = ("HELD", "SUSPICIOUS") if is_held else ("CONFIRMED", None)
    version = factories.newest_version(petition).pk
    query(STORE, [petition.pk, f"{review}{state}", state, reason, not is_held, review, version, FLOOD])


def most_rows_read(client: Client, path: str) -> float:
    """Open a page, and return how many rows of signatures its hungriest statement reads."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    selects = [one["sql"] for one in asked.captured_queries if one["sql"].lstrip().startswith("SELECT")]
    about = [sql for sql in selects if "signatures_signature" in sql]
    assert about
    plans = [query(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}".replace("%", "%%"))[0][0][0]["Plan"] for sql in about]
    return max(map(rows_read, plans))


@pytest.mark.parametrize("level", ["ORDINARY", "GUARDED"])
def test_no_page_reads_more_rows_however_many_names_and_reasons_wait(
    organiser_client: Callable[[str], Client], level: str
) -> None:
    petition = factories.make_petition(protection=level)
    factories.make_signature(petition, visibility="PUBLIC", name="Anna Shown")
    Signature.objects.update(is_listed=True)
    flood(petition, "WAITING", is_held=True)
    flood(petition, "WAITING")
    query("ANALYZE signatures_signature")
    moderator = organiser_client("Moderators")
    for path in (names_path(petition), reasons_path(petition)):
        assert most_rows_read(moderator, path) <= 2 * ROWS_MAX, "a thousand of each are counted"
        assert "Waiting: 1000 or more." in words(read(moderator, path))
    assert most_rows_read(Client(), page_of(petition, "signers")) <= ROWS_MAX
    assert "Anna Shown" in read(Client(), page_of(petition, "signers"))


@pytest.mark.parametrize("tries", range(3))
def test_of_two_organisers_who_decide_at_once_each_name_is_decided_on_by_one(petition: Petition, tries: int) -> None:
    rows = waiting(petition, 50)
    actors = [factories.make_organiser("Moderators") for _ in range(2)]

    def job(to: NameReview, place: int) -> Callable[[], int]:
        order = rows if place else rows[::-1]
        decisions = {row.pk: NameDecision(row.name or "", to) for row in order}
        return lambda: decide_names(petition=petition, decisions=decisions, actor=actors[place]).decided

    decided = at_once(job(NameReview.OK, 0), job(NameReview.HIDDEN, 1))
    assert sorted(decided) == [0, 50]
    amounts = AuditEntry.objects.filter(action__in=["NAMES_SHOWN", "NAMES_HIDDEN"]).values_list("amount", flat=True)
    assert list(amounts) == [50]
    assert petition.signatures.values("name_review").distinct().count() == 1
    assert tries < 3
