"""The chain of the audit log breaks visibly, even where the database's owner has switched the guards off."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from signatures import auditing
from signatures.auditing.chain import links
from signatures.auditing.checking import Break, Problem, check_log
from signatures.auditing.sealing import seal_entries
from signatures.models import AuditEntry, AuditSeal, Petition
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.page_reading import words

pytestmark = pytest.mark.django_db
CHECK = "/admin/signatures/auditentry/check/"
EXPORT = "/admin/signatures/auditentry/export/"
GUARDED = ("signatures_auditentry", "signatures_auditseal")
Log = list[int]


@pytest.fixture
def log(petition: Petition) -> Log:
    """Return the numbers of the entries of a log that is sealed."""
    actor = factories.make_organiser()
    for amount in range(6):
        auditing.record(
            actor=actor if amount else None,
            action=AuditAction.NAMES_VIEWED,
            petition=petition,
            amount=amount,
            details={"page": "LIST", "filters": {"country": "BY"}},
        )
    seal_entries()
    return list(AuditSeal.objects.order_by("number").values_list("entry", flat=True))


def as_owner(*steps: str) -> None:
    """Do something to the log that its guards refuse to everybody else."""
    query("SET CONSTRAINTS ALL IMMEDIATE")
    for table in GUARDED:
        query(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    # What another table refers to can be taken away, too.
    query("ALTER TABLE signatures_auditseal DROP CONSTRAINT IF EXISTS signatures_auditseal_entry_id_fk")
    for step in steps:
        query(step)
    for table in GUARDED:
        query(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def checked(*arguments: str) -> str:
    """Run the command, and return what it prints."""
    out = io.StringIO()
    call_command("check_audit", *arguments, stdout=out)
    return out.getvalue()


def test_what_is_recorded_is_sealed_in_order_and_found_whole(log: Log) -> None:
    assert log == sorted(AuditEntry.objects.values_list("pk", flat=True))
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == list(range(1, len(log) + 1))
    assert seal_entries() == seal_entries(of_all=True) == 0
    assert f"{len(log)} entries" in checked()
    assert "the chain is whole" in checked()
    newest = list(links(until=len(log)))[-1].content
    actor = AuditEntry.objects.latest("pk").actor
    assert actor is not None
    assert newest["actor"] == {"name": actor.username, "number": actor.pk}
    assert newest["details"] == {"page": "LIST", "filters": {"country": "BY"}}


def test_the_same_entry_is_never_sealed_with_the_same_digest(log: Log) -> None:
    before = AuditSeal.objects.get(number=1).digest
    as_owner("DELETE FROM signatures_auditseal")
    seal_entries()
    assert AuditSeal.objects.get(number=1).digest != before


def test_the_database_refuses_gaps_and_changes_of_seals(log: Log) -> None:
    entry = auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED).pk
    insert = "INSERT INTO signatures_auditseal (number, entry_id, salt, digest) VALUES (%s, %s, repeat('0', 32), %s)"
    refuses(insert, len(log) + 2, entry, "0" * 64, by="without a gap")
    refuses(insert, len(log) + 1, log[0], "0" * 64, by="signatures_auditseal_entry_id")
    refuses(insert, len(log) + 1, entry, "no digest", by="seal_digest_is_one")
    refuses("UPDATE signatures_auditseal SET digest = repeat('0', 64)", by="cannot be changed or deleted")
    refuses("DELETE FROM signatures_auditseal", by="cannot be changed or deleted")
    query("SET CONSTRAINTS ALL IMMEDIATE")
    refuses("TRUNCATE signatures_auditseal", by="cannot be emptied")


PUT_IN = (
    "INSERT INTO signatures_auditentry (id, at, action, reason, details)"
    " SELECT 0, at - interval '1 hour', action, reason, details FROM signatures_auditentry WHERE id = {0}"
)
TAKE_OFF = (
    "DELETE FROM signatures_auditseal WHERE number >= {}",
    "DELETE FROM signatures_auditentry WHERE id >= {}",
)
# What is done, with the entries' numbers by their place, and what is found then.
BREAKS: dict[str, tuple[list[str], list[Problem]]] = {
    "an entry taken out of the middle": (
        ["DELETE FROM signatures_auditentry WHERE id = {2}"],
        [Problem(Break.MISSING, 3, 3)],
    ),
    "taken out with its seal": (
        [
            "DELETE FROM signatures_auditseal WHERE entry_id = {2}",
            "DELETE FROM signatures_auditentry WHERE id = {2}",
        ],
        [Problem(Break.MISSING, 3, 3)],
    ),
    "taken out, and the later ones numbered anew": (
        [
            "DELETE FROM signatures_auditseal WHERE entry_id = {2}",
            "DELETE FROM signatures_auditentry WHERE id = {2}",
            "UPDATE signatures_auditseal SET number = number + 1000 WHERE number > 3",
            "UPDATE signatures_auditseal SET number = number - 1001 WHERE number > 1000",
        ],
        [Problem(Break.CHANGED, 3)],
    ),
    "a changed amount": (
        ["UPDATE signatures_auditentry SET amount = 1 WHERE id = {4}"],
        [Problem(Break.CHANGED, 5)],
    ),
    "a changed time": (
        ["UPDATE signatures_auditentry SET at = at + interval '1 us' WHERE id = {3}"],
        [Problem(Break.CHANGED, 4)],
    ),
    "changed details": (
        ["UPDATE signatures_auditentry SET details = '{{}}' WHERE id = {3}"],
        [Problem(Break.CHANGED, 4)],
    ),
    "another actor": (
        ["UPDATE signatures_auditentry SET actor_id = NULL WHERE id = {5}"],
        [Problem(Break.CHANGED, 6)],
    ),
    "two that are swapped": (
        [
            "UPDATE signatures_auditseal SET entry_id = 0 WHERE entry_id = {1}",
            "UPDATE signatures_auditseal SET entry_id = {1} WHERE entry_id = {2}",
            "UPDATE signatures_auditseal SET entry_id = {2} WHERE entry_id = 0",
        ],
        [Problem(Break.CHANGED, 2), Problem(Break.CHANGED, 3)],
    ),
    "one put in before an hour, without a seal": (
        [
            PUT_IN,
        ],
        [Problem(Break.UNSEALED, 1)],
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_the_owner_of_the_database_does_is_told_with_its_place(
    log: Log, organiser_client: Callable[[str], Client], name: str
) -> None:
    steps, problems = BREAKS[name]
    as_owner(*(step.format(*log) for step in steps))
    assert check_log().problems == problems
    if problems[0].kind is not Break.UNSEALED:
        with pytest.raises(CommandError, match=f"umber {problems[0].number}"):
            checked()
        page = words(organiser_client("Auditors").post(CHECK).content.decode())
        assert "The chain is broken" in page


def test_entries_taken_off_the_end_are_missed_by_whoever_knows_a_head(
    log: Log, organiser_client: Callable[[str], Client], tmp_path: Path
) -> None:
    auditor = organiser_client("Auditors")
    export = tmp_path / "log.jsonl"
    export.write_bytes(b"".join(auditor.post(EXPORT).streaming_content))  # type: ignore[attr-defined]
    head = AuditSeal.objects.get(number=len(log)).digest
    assert "whole" in checked("--head", head.upper(), "--file", str(export))
    as_owner(TAKE_OFF[0].format(len(log)), TAKE_OFF[1].format(log[-1]))
    assert "whole" in checked()
    with pytest.raises(CommandError, match=head):
        checked("--head", head)
    with pytest.raises(CommandError, match=head):
        checked("--file", str(export))
    assert f"does not hold the digest {head}" in words(auditor.post(CHECK, {"head": head}).content.decode())
    assert "A digest has 64 characters" in words(auditor.post(CHECK, {"head": "0"}).content.decode())


def test_an_entry_with_an_older_date_is_told_without_a_break(log: Log) -> None:
    query(
        "INSERT INTO signatures_auditentry (at, action, reason, details)"
        " VALUES (now() - interval '2 days', 'TALLY_REPAIRED', '', '{}')"
    )
    seal_entries()
    assert f"Number {len(log) + 1} is more than an hour older" in checked()


def test_an_entry_of_a_transaction_that_ends_late_gets_a_later_number(petition: Petition) -> None:
    [(late,)] = query("SELECT nextval('signatures_auditentry_id_seq')")
    auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED, petition=petition)
    seal_entries()
    query(
        "INSERT INTO signatures_auditentry (id, at, action, reason, details)"
        " VALUES (%s, now(), 'TALLY_REPAIRED', '', '{}')",
        [late],
    )
    seal_entries()
    assert AuditSeal.objects.order_by("-number").values_list("entry", flat=True)[0] == late
    assert "whole" in checked()
