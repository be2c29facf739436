"""What is taken away stands in files beside the database before the answer is given, whoever takes it away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from pytest_django import Settings

from signatures.journaling import sweep
from signatures.journaling.entries import NOTHING
from signatures.journaling.files import read_journal
from signatures.models import Erasure, Membership, Petition, Signature, Suppression
from signatures.models.choices import SignatureState, StateReason
from signatures.moderating.deciding import move_signature
from signatures.restoring.fates import FATES, Fate
from signatures.safeguarding.keys import email_keys
from signatures.tokens import no_mail_token
from signatures.worker import Worker
from tests.support import factories
from tests.support.erasure_journal import entries_in, my_signature_path, noted
from tests.support.mailbox import Mailbox, code_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("journal")]
ADDRESS = "somebody@example.org"
NAME = "Алесь Пушкін-Zażółć"


def is_emptied() -> bool:
    """Return whether nothing waits: the newest row stays, and is about nobody."""
    return list(Erasure.objects.values_list("about", "row_id", "facts")) == [(NOTHING, None, {})]


# What becomes of each table


def test_every_table_has_a_fate_and_every_noted_one_a_trigger_or_a_statement_that_notes_it() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    without_model = {"signatures_ratelimit", "django_migrations"}
    assert tables | without_model == FATES.keys()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'note_erasure'")
        triggers = {name for (name,) in cursor.fetchall()}
    # Attempts and marks are noted by the statements that spend and leave them; rules and requests simply end.
    by_other_means = {"signatures_attempt", "signatures_removedmark", "signatures_batch", "signatures_approval"}
    assert {table for table, (fate, _) in FATES.items() if fate == Fate.NOTED} == triggers | by_other_means


# Signers


@pytest.mark.parametrize("has_signed", [True, False])
@pytest.mark.parametrize("action", ["WITHDRAW", "COUNTED", "DELIVERED"])
def test_leaving_is_on_the_disk_before_the_answer_and_looks_the_same_if_there_was_nothing(
    petition: Petition, visitor: Client, journal: Path, action: str, has_signed: bool
) -> None:
    if has_signed:
        factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name=NAME)
    assert visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": action}).status_code == 200
    found = read_journal([journal]).entries
    assert len(found) == 2
    assert [one.about for one in found if one.about != "nothing"] == (
        ["address", "signatures_signature"] if has_signed else ["address"]
    )
    assert Erasure.objects.count() == 2


def test_confirming_writes_as_much_for_a_new_signer_as_for_one_who_lowers(
    petition: Petition, visitor: Client, mailbox: Mailbox, journal: Path
) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name=NAME)
    amounts = []
    for address in ("new@example.org", ADDRESS):
        factories.sign(visitor, petition, email=address, name=NAME)
        code = code_in(mailbox.deliver()[-1])
        assert factories.confirm(visitor, code, visibility="DELIVERED").status_code == 303
        amounts.append(len(read_journal([journal]).entries))
    assert amounts == [2, 4]


def test_lines_are_as_long_for_whoever_had_signed_as_for_whoever_had_not(
    petition: Petition, visitor: Client, journal: Path
) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name=NAME, reason="Because", city="Minsk")
    for address in (ADDRESS, "stranger@example.org"):
        for action in ("DELIVERED", "COUNTED", "WITHDRAW"):
            assert visitor.post(my_signature_path(petition.pk, address), {"action": action}).status_code == 200
    (path,) = journal.glob("*.journal")
    lengths = {len(line) for line in path.read_bytes().splitlines()}
    assert len(path.read_bytes().splitlines()) == 6
    assert len(lengths) == 1


def test_nothing_can_be_read_in_the_files_without_the_key(petition: Petition, visitor: Client, journal: Path) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name=NAME)
    visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": "WITHDRAW"})
    (path,) = journal.glob("*.journal")
    key = email_keys(petition.pk, ADDRESS)[0].hex()
    text = path.read_text(encoding="ascii")
    assert [word for word in (key, NAME, "signature", petition.slug) if word in text] == []
    assert path.stat().st_mode & 0o777 == 0o600
    assert [word for word in (key, NAME) if word in str(entries_in(journal))] == []


def test_an_address_that_wants_no_more_mails_is_noted_each_time(visitor: Client, journal: Path) -> None:
    path = f"/en/no-mail/{no_mail_token(b'm' * 32)}/"
    for _ in range(2):
        assert visitor.post(path).status_code == 200
    assert [one.facts for one in entries_in(journal)] == [{"mail_key": (b"m" * 32).hex()}] * 2
    assert Suppression.objects.count() == 1


# Organisers


def test_what_a_form_of_the_desk_takes_away_is_on_the_disk_before_the_answer(
    petition: Petition, organiser: Client, journal: Path
) -> None:
    editor = factories.make_organiser("Editors")
    Membership.objects.create(organiser=editor, petition=petition, role=Group.objects.get(name="Editors"))
    # Whatever was done: the form that is answered next, and knows nothing of it, copies it.
    Membership.objects.all().delete()
    assert organiser.post("/admin/login/", {"username": "nobody", "password": "nothing"}).status_code == 200
    assert [one.about for one in entries_in(journal)] == ["signatures_membership"]


def test_a_removal_a_hidden_name_and_an_erased_reason_are_noted_and_publishing_names_is_not(
    petition: Petition, journal: Path
) -> None:
    signature = factories.make_signature(petition, visibility="PUBLIC", name=NAME, reason="Because")
    Signature.objects.filter(pk=signature.pk).update(is_listed=True)
    assert noted(journal) == []
    Signature.objects.filter(pk=signature.pk).update(reason=None)
    Signature.objects.filter(pk=signature.pk).update(name_review="HIDDEN")
    move_signature(
        pk=signature.pk, to=SignatureState.REMOVED, reason=StateReason.INVENTED, actor=factories.make_organiser()
    )
    states = [(one.facts["state"], one.facts["name_review"]) for one in noted(journal) if "state" in one.facts]
    assert states == [("CONFIRMED", "OK"), ("CONFIRMED", "HIDDEN"), ("REMOVED", "HIDDEN")]


def test_the_worker_copies_what_a_killed_process_has_left(petition: Petition, journal: Path) -> None:
    signature = factories.make_signature(petition)
    signature.delete()
    # As if another process had noted it a while ago.
    Erasure.objects.update(backend=1, noted_at=datetime.now(UTC) - timedelta(seconds=6))
    # Whoever is answered next copies it, since nobody else will.
    assert [one.is_gone for one in noted(journal)] == [True]
    assert sweep() == 1
    assert [one.is_gone for one in entries_in(journal)] == [True]
    assert is_emptied()
    # Nothing is copied over and over from a site where nothing happens.
    sizes = [path.stat().st_size for path in journal.iterdir()]
    Erasure.objects.update(backend=1, noted_at=datetime.now(UTC) - timedelta(minutes=1))
    assert (sweep(), noted(journal), is_emptied()) == (0, entries_in(journal), True)
    assert [path.stat().st_size for path in journal.iterdir()] == sizes


def test_a_journal_that_cannot_be_written_is_an_outage_and_nothing_is_lost(
    petition: Petition, visitor: Client, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    factories.make_signature(petition, address=ADDRESS)
    (tmp_path / "file").touch()
    settings.ERASURE_JOURNAL = tmp_path / "file" / "journal"
    visitor.raise_request_exception = False
    answer = visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": "WITHDRAW"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    # The worker goes on with everything else, and says so once a minute.
    worker = Worker()
    for _ in range(3):
        worker.sweep()
    assert caplog.text.count("cannot be noted: the erasure journal cannot be written") == 1
    worker.transport.close()
    settings.ERASURE_JOURNAL = tmp_path / "mended"
    assert sweep() == 2
