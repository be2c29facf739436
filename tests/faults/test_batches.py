"""Workers are killed again and again while they carry out a rule and undo it: every number is exact, nothing twice."""

from __future__ import annotations

import time

import pytest

from tests.support.faults.site_processes import Crew
from tests.support.server.web_site import manage

pytestmark = pytest.mark.xdist_group("faults")

ROWS = 20_000
FAKES = ROWS // 2
WORKERS = 2
KILLS = 3
SIGNATURES = """
INSERT INTO signatures_signature (petition_id, email_key, domain_key, state, source, visibility, name, country,
    language, text_version_id, reason_approved, ever_counted)
SELECT version.petition_id, '\\x01'::bytea || sha256(n::text::bytea), '\\x01'::bytea || sha256((n %% 2)::text::bytea),
    'CONFIRMED', 'WEB', CASE n %% 3 WHEN 0 THEN 'PUBLIC' ELSE 'DELIVERED' END, 'Signer ' || n,
    (ARRAY['BY', 'PL', 'LT'])[1 + n %% 3], CASE n %% 5 WHEN 0 THEN 'ru' ELSE 'en' END, version.id, false, true
FROM generate_series(1, %s) AS n, signatures_textversion AS version
"""
TALLIES = """
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT petition_id, signed_on, 'CONFIRMED', '', source, country, language, visibility, count(*)
FROM signatures_signature GROUP BY petition_id, signed_on, source, country, language, visibility
"""
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""
MAKE = """
from signatures.models import Batch, Organiser, Signature
from signatures.moderating.batches import make_batch
one = Signature.objects.earliest("pk")
rule = Batch(petition_id=one.petition_id, domain_key=one.domain_key)
make_batch(rule=rule, actor=Organiser.objects.create(username="somebody", is_superuser=True, is_staff=True))
"""
START = """
from signatures.models import Batch, Organiser
from signatures.models.choices import BatchAction, StateReason
from signatures.moderating.batches import start_batch
start_batch(pk=Batch.objects.get().pk, action=BatchAction.REMOVE, reason=StateReason.INVENTED,
    actor=Organiser.objects.get())
"""
UNDO = """
from signatures.models import Batch, Organiser
from signatures.moderating.batches import undo_batch
undo_batch(pk=Batch.objects.get().pk, actor=Organiser.objects.get())
"""


def do(crew: Crew, code: str) -> None:
    """Do what an organiser does at the desk."""
    manage(crew.site.database_url, "shell", "--no-imports", "-c", code)


def stage(crew: Crew) -> str:
    """Return the stage of the rule."""
    return str(crew.site.query("SELECT stage FROM signatures_batch")[0][0])


def done(crew: Crew) -> int:
    """Return how many signatures the rule has changed, less those that are as before again."""
    return int(crew.site.query("SELECT changed - restored FROM signatures_batch")[0][0])


def kill_all(crew: Crew) -> None:
    """Kill all workers, in the middle of whatever they do."""
    for worker in crew.mail_workers:
        worker.kill()
    for worker in crew.mail_workers:
        worker.wait()
    crew.mail_workers.clear()
    # The database ends what they had asked for last.
    crew.wait_until(lambda: crew.site.query(BUSY) == [(0,)], "the database is quiet")


def tallies(crew: Crew) -> dict[str, int]:
    """Return what the tally counts, by kind."""
    return dict(crew.site.query("SELECT kind, sum(amount) FROM signatures_tally GROUP BY kind"))


def check(crew: Crew) -> int:
    """Assert that rule, rows, signatures and tally say the same after a kill, and return how many are changed."""
    removed = int(crew.site.query("SELECT count(*) FROM signatures_signature WHERE state = 'REMOVED'")[0][0])
    kept = int(crew.site.query("SELECT count(*) FROM signatures_batchrow")[0][0])
    counted = tallies(crew)
    assert removed == kept == done(crew) == counted.get("REMOVED", 0) - counted.get("RESTORED", 0)
    return removed


def check_tally(crew: Crew, count: int) -> None:
    """Assert that the command finds this count and no difference."""
    checked = manage(crew.site.database_url, "check_tally").splitlines()
    assert [line.rpartition(": ")[2] for line in checked] == [str(count), "0"], "count, and differences"


def carry_out(crew: Crew, *, until: str) -> list[int]:
    """Let workers work until the rule reaches a stage, kill them now and then, and return what was done each time."""
    seen: list[int] = []
    while stage(crew) != until:
        before = done(crew)
        for _ in range(WORKERS):
            crew.start_mail_worker()
        crew.wait_until(lambda before=before: done(crew) != before or stage(crew) == until, "the rule goes on")  # type: ignore[misc]
        if len(seen) < KILLS:
            time.sleep(0.03 * len(seen))
            kill_all(crew)
            seen.append(check(crew))
        else:
            crew.wait_until(lambda: stage(crew) == until, "the rule is over")
    kill_all(crew)
    return seen


def test_a_rule_goes_on_after_each_kill_where_it_was_and_changes_nothing_twice(
    crew: Crew, request: pytest.FixtureRequest
) -> None:
    crew.site.query(SIGNATURES, [ROWS])
    crew.site.query(TALLIES)
    do(crew, MAKE)
    crew.wait_until(lambda: stage(crew) == "READY", "the rule is counted")
    matched = crew.site.query("SELECT matched, matched_counting FROM signatures_batch")[0]
    assert matched == (FAKES, FAKES)
    kill_all(crew)
    do(crew, START)
    changed = carry_out(crew, until="DONE")
    assert check(crew) == FAKES
    check_tally(crew, ROWS - FAKES)
    assert 0 < changed[0] < FAKES, "killed half-way"
    assert tallies(crew) == {"CONFIRMED": ROWS, "REMOVED": FAKES}
    do(crew, UNDO)
    left = carry_out(crew, until="UNDONE")
    assert check(crew) == 0
    check_tally(crew, ROWS)
    assert 0 < left[0] < FAKES, "killed half-way"
    assert tallies(crew) == {"CONFIRMED": ROWS, "REMOVED": FAKES, "RESTORED": FAKES}
    assert crew.site.query('SELECT restored, "left" FROM signatures_batch') == [(FAKES, 0)]
    audited = crew.site.query("SELECT action, amount FROM signatures_auditentry WHERE action ~ '^BATCH' ORDER BY id")
    assert audited == [(name, FAKES) for name in ("BATCH_STARTED", "BATCH_FINISHED", "BATCH_STARTED", "BATCH_UNDONE")]
    assert "Traceback" not in crew.worker_log.read_text(encoding="utf-8")
    figures = {
        "matched": FAKES,
        "changed at each kill": changed,
        "changed in the end": FAKES,
        "still changed at each kill of undoing": left,
        "restored": FAKES,
        "differences found by check_tally": 0,
    }
    request.node.user_properties.append(("figures", figures))
