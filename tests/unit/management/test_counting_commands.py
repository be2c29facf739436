"""The commands that fold the tally and compare it with the signatures."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from signatures.counting.folding import FOLD_LOCK
from signatures.models import AuditEntry, Petition, Signature, Tally
from signatures.models.choices import AuditAction, PetitionStatus, TallyKind
from tests.support import factories
from tests.support.tally_reading import counted

# Comparing takes a snapshot, which must be the first thing in its transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> str:
    """Run a command and return what it prints."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@contextmanager
def another_fold() -> Iterator[None]:
    """Hold the fold's lock in another connection."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [FOLD_LOCK])
                held.set()
                done.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        yield
    finally:
        done.set()
        thread.join(30)


def test_folding_says_how_many_rows_it_wrote_and_keeps_the_count(petition: Petition) -> None:
    for _ in range(3):
        factories.make_signature(petition)
    assert Tally.objects.count() == 3
    assert run("fold_tally") == "rows written: 2\n"
    assert list(Tally.objects.values_list("kind", "amount")) == [(TallyKind.CONFIRMED, 3)]
    assert run("fold_tally") == "rows written: 0\n"
    assert counted(petition) == "3"


def test_old_days_are_folded_on_request(petition: Petition) -> None:
    factories.make_signature(petition)
    factories.make_signature(petition)
    old = [
        Tally(petition=petition, day="2011-01-01", kind="CONFIRMED", country="BY", language="ru", visibility="PUBLIC",
              amount=1)
        for _ in range(2)
    ]  # fmt: skip
    Tally.objects.bulk_create(old)
    run("fold_tally")
    assert Tally.objects.filter(day="2011-01-01").count() == 2
    run("fold_tally", "--all-days")
    assert Tally.objects.get(day="2011-01-01").amount == 2


def test_a_concurrent_fold_gives_way(petition: Petition) -> None:
    factories.make_signature(petition)
    factories.make_signature(petition)
    with another_fold():
        assert run("fold_tally") == "another fold is running\n"
    assert Tally.objects.count() == 2
    assert run("fold_tally") == "rows written: 2\n"


def test_a_correct_count_exits_with_0(petition: Petition) -> None:
    factories.make_signature(petition)
    assert run("check_tally") == f"{petition.slug}: 1\n{petition.slug}: differences found: 0\n"


def test_a_difference_is_reported_exits_with_1_and_is_repaired_on_request(petition: Petition) -> None:
    factories.make_signature(petition, country="PL")
    factories.make_signature(petition, country="PL")
    Signature.objects.latest("id").delete()
    out = io.StringIO()
    with pytest.raises(CommandError, match="run with --repair") as caught:
        call_command("check_tally", stdout=out)
    assert caught.value.returncode == 1
    assert f"{petition.slug}: WEB PL en DELIVERED: tally 2, signatures 1\n" in out.getvalue()
    assert not Tally.objects.filter(kind=TallyKind.CORRECTION).exists()
    assert f"{petition.slug}: differences repaired: 1" in run("check_tally", "--repair", petition.slug)
    assert Tally.objects.get(kind=TallyKind.CORRECTION).amount == -1
    repaired = AuditEntry.objects.get(action=AuditAction.TALLY_REPAIRED)
    assert (repaired.petition, repaired.amount, repaired.actor) == (petition, 1, None)
    assert run("check_tally", petition.slug) == f"{petition.slug}: 1\n{petition.slug}: differences found: 0\n"
    assert counted(petition) == "1"


def test_an_unknown_petition_is_an_error() -> None:
    with pytest.raises(CommandError, match="No such petition: nowhere"):
        run("check_tally", "nowhere")


def test_only_the_sums_of_a_purged_petition_are_compared(petition: Petition) -> None:
    factories.make_signature(petition)
    Signature.objects.all().delete()
    Petition.objects.update(status=PetitionStatus.CLOSED, purged_at=Now())
    for options in ([], ["--repair"], [petition.slug], [petition.slug, "--repair"]):
        assert "only the sums are compared" in run("check_tally", *options)
    assert counted(petition) == "1"
