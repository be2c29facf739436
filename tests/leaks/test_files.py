"""What was erased is in no file of the database any more, once the worker has rewritten what it was in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.leaks.erased_site import PENDING, STORED, Campaign, Person, campaign, parts_of
from tests.support.server.local_site import ROOT
from tests.support.server.web_site import PETITION_PATH, manage, signer

pytestmark = pytest.mark.xdist_group("attacks")

SLUG = "belarus-political-prisoners"
A_DAY_PASSES = "UPDATE signatures_rewrite SET clean_at = clean_at - interval '1 day'"
A_WEEK_PASSES = (
    "UPDATE signatures_attempt"
    " SET created_at = created_at - interval '8 days', expires_at = expires_at - interval '8 days',"
    " confirmed_at = confirmed_at - interval '8 days'"
)


@pytest.fixture(scope="module")
def running() -> Iterator[Campaign]:
    """Return a campaign for all tests here."""
    with campaign() as site:
        yield site


def test_a_day_later_no_file_holds_what_was_withdrawn_lowered_changed_sent_or_has_run_out(running: Campaign) -> None:
    withdraws, lowers, hides, renames, renamed, waits, asks = (Person.new() for _ in range(7))
    running.sign(withdraws, lowers, hides, renames, asks)
    # What the database samples to plan by lies in files, too.
    running.site.query("ANALYZE")
    running.sign(renamed, address=renames.address)
    running.leave({withdraws: "WITHDRAW", lowers: "COUNTED", hides: "DELIVERED"})
    # Whoever has lost the mailbox asks an organiser.
    running.erase_for(asks)
    # Nobody confirms the last one.
    form = signer(name=f"Ян {waits.surname}", city=waits.city, email=waits.address)
    assert running.site.post(PETITION_PATH, form).status == 303
    running.note(PENDING)
    running.site.query(A_WEEK_PASSES)
    running.deliver()
    running.still_there(STORED)
    erased = parts_of(
        [word for one in (withdraws, lowers, asks) for word in (one.surname, one.city, one.reason)]
        + [hides.reason, renames.surname, renames.city, renames.reason, waits.surname, waits.city]
    )
    kept = {word: word.encode() for word in (hides.surname, hides.city, renamed.surname, renamed.city, renamed.reason)}
    # PostgreSQL's own way to tidy up leaves it there.
    running.site.query("VACUUM")
    still = running.found({**erased, **running.gone, **kept})
    for one in (withdraws, lowers, renames, asks):
        assert set(parts_of([one.surname])) & still
    assert set(running.gone) & still
    assert set(kept) <= still
    running.site.query(A_DAY_PASSES)
    running.deliver()
    assert running.found({**erased, **running.gone, **kept}) == set(kept)


def test_a_purge_is_in_the_files_as_soon_as_the_worker_comes_round(running: Campaign) -> None:
    people = [Person.new() for _ in range(3)]
    running.sign(*people)
    running.site.query("ANALYZE")
    names = [one.surname for one in people]
    lead = Person.new()
    running.site.query(
        "INSERT INTO signatures_leadpetitioner (petition_id, name, nationality, address) SELECT id, %s, '', %s"
        " FROM signatures_petition",
        [lead.surname, lead.city],
    )
    words = parts_of([*names, *(one.city for one in people), *(one.reason for one in people), lead.surname, lead.city])
    running.site.query("UPDATE signatures_petition SET status = 'CLOSED'")
    manage(running.site.database_url, "purge", SLUG, "--confirm", SLUG, "--reason", "The end", **running.site.env)
    assert running.found(words)
    running.deliver()
    assert running.found({**words, **running.gone}) == set()


def test_the_documented_query_finds_files_that_a_crash_has_left(running: Campaign) -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    query = text.partition("```sql\n")[2].partition("```")[0]
    running.site.query("CREATE TABLE is_used (a text); INSERT INTO is_used VALUES (repeat('x', 100000))")
    running.site.query("VACUUM is_used")
    # Files of tables that were written anew stay until a checkpoint.
    running.as_administrator("CHECKPOINT")
    assert running.as_administrator(query) == []
    path = running.as_administrator("SELECT pg_relation_filepath('is_used')")[0][0]
    orphan = (running.postgres.cluster / path).with_name("4000000000")
    orphan.touch()
    assert running.as_administrator(query) == [(str(orphan.relative_to(running.postgres.cluster)),)]
    orphan.unlink()
