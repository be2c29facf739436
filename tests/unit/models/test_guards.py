"""Rows that triggers protect from changes, whatever makes them."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.db.models import Model

from signatures import auditing
from signatures.counting.folding import fold_tallies
from signatures.models import (
    AuditEntry,
    Delivery,
    HourTally,
    Petition,
    Recipient,
    Tally,
    TallySplit,
    TallySum,
    TextVersion,
    TextVersionBody,
    TextVersionRecipient,
)
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import query, refuses

FROZEN: list[tuple[type[Model], str]] = [
    (TextVersion, "number = number + 100"),
    (TextVersionBody, "title = 'Another'"),
    (TextVersionRecipient, "profile = 'NAMES'"),
    (AuditEntry, "reason = 'Another'"),
    (Tally, "amount = amount + 1"),
    (HourTally, "amount = amount + 1"),
    (TallySum, "amount = amount + 1"),
    (TallySplit, "amount = amount + 1"),
]


@pytest.mark.parametrize(("model", "change"), FROZEN)
def test_rows_that_must_not_change_cannot_be_changed_or_deleted(
    petition: Petition, model: type[Model], change: str
) -> None:
    factories.make_signature(petition)
    fold_tallies()
    # The fold's settings would end with its transaction, but here that is nested in the test's.
    query("SELECT set_config('signatures.folding', 'off', true), set_config('signatures.summing', 'off', true)")
    auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED, petition=petition)
    table = model._meta.db_table
    before = query(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
    assert before
    words = "cannot be changed or deleted|only ever added|kept by the fold"
    refuses(f"UPDATE {table} SET {change}", by=words)  # noqa: S608
    refuses(f"DELETE FROM {table}", by=words)  # noqa: S608
    refuses(f"UPDATE {table} SET id = id", by=words)  # noqa: S608
    assert query(f"SELECT * FROM {table} ORDER BY id") == before  # noqa: S608


def test_only_a_fold_may_delete_and_only_in_its_own_transaction(petition: Petition) -> None:
    factories.make_signature(petition)
    with transaction.atomic():
        query("SELECT set_config('signatures.folding', 'on', true)")
        refuses("UPDATE signatures_tally SET amount = 2", by="only ever added")
        query("SELECT set_config('signatures.folding', 'off', true)")
    refuses("DELETE FROM signatures_tally", by="only ever added")


@pytest.mark.django_db(transaction=True)
def test_nothing_can_be_added_to_a_text_after_its_publication() -> None:
    petition = factories.make_petition()
    version = factories.newest_version(petition)
    recipient = factories.make_recipient(petition, "Late", "Поздний")
    words = "a published text cannot be added to"
    refuses(
        "INSERT INTO signatures_textversionrecipient (version_id, recipient_id, profile, position)"
        " VALUES (%s, %s, 'NAMES', 9)",
        version.pk,
        recipient.pk,
        by=words,
    )
    refuses(
        "INSERT INTO signatures_textversionbody (version_id, language, title, summary, body, consent,"
        " responsible_body) VALUES (%s, 'de', 't', 's', 'b', 'c', 'r')",
        version.pk,
        by=words,
    )


@pytest.mark.parametrize("languages", ["{ru}", "{en,ru}", "{en,en}"])
def test_a_text_has_a_body_in_exactly_its_languages(petition: Petition, languages: str) -> None:
    refuses(
        "INSERT INTO signatures_textversion"
        " (petition_id, number, digest, canonical_json, languages, protection, asks_city, contact)"
        " SELECT petition_id, 2, digest, canonical_json, %s, protection, asks_city, contact"
        " FROM signatures_textversion;"
        " INSERT INTO signatures_textversionbody (version_id, language, title, summary, body, consent, changes,"
        " responsible_body) SELECT max(id), 'en', 't', 's', 'b', 'c', '{}', 'r' FROM signatures_textversion",
        languages,
        by="in each of its languages once",
    )


@pytest.mark.parametrize("column", ["name_en", "name_ru", "petition_id"])
def test_a_published_recipient_keeps_its_names_and_its_petition(petition: Petition, column: str) -> None:
    other = factories.make_petition()
    published = petition.recipients.earliest("id")
    fresh = factories.make_recipient(petition, "New", "Новый")
    value = other.pk if column == "petition_id" else "Another"
    statement = f"UPDATE signatures_recipient SET {column} = %s WHERE id = %s"  # noqa: S608
    refuses(statement, value, published.pk, by="a published recipient keeps its names")
    query(statement, [value, fresh.pk])
    Recipient.objects.filter(pk=published.pk).update(profile="TOTALS", position=7)
    assert Recipient.objects.get(pk=published.pk).profile == "TOTALS"
    refuses("DELETE FROM signatures_recipient WHERE id = %s", published.pk, by="foreign key")


def test_no_text_lowers_the_protection_of_those_before_it(petition: Petition) -> None:
    refuses(
        "INSERT INTO signatures_textversion"
        " (petition_id, number, digest, canonical_json, protection, asks_city, contact)"
        " SELECT petition_id, 2, digest, canonical_json, 'ORDINARY', false, contact FROM signatures_textversion"
        " WHERE petition_id = %s",
        petition.pk,
        by="cannot be lowered",
    )


def test_what_changed_in_a_text_is_kept_with_it(petition: Petition) -> None:
    factories.publish_next(petition)
    kept = list(TextVersionBody.objects.order_by("pk").values_list("changes", flat=True))
    assert [bool(changes) for changes in kept] == [False, False, True, True]
    assert kept[2]["body"] == [[2, [["added", "One sentence more."]]]]
    refuses("UPDATE signatures_textversionbody SET changes = '{}'", by="cannot be changed")


def test_a_petition_that_was_public_is_closed_and_never_hidden(petition: Petition) -> None:
    draft = factories.make_petition(publish=False)
    statement = "UPDATE signatures_petition SET status = %s WHERE id = %s"
    for status in ("CLOSED", "OPEN"):
        query(statement, [status, petition.pk])
        refuses(statement, "DRAFT", petition.pk, by="closed, not hidden")
    query(statement, ["DRAFT", draft.pk])


def test_no_guarded_table_can_be_truncated(petition: Petition) -> None:
    # BEFORE UPDATE or DELETE, FOR EACH ROW: all guards of single rows, including those of future tables.
    guarded = query(
        "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal"
        " AND tgtype::int & 3 = 3 AND tgtype::int & 24 <> 0 AND tgname <> 'renew_stamp'"
    )
    names = {name for (name,) in guarded}
    assert {model._meta.db_table for model, _ in FROZEN} <= names
    factories.make_signature(petition)
    query("SET CONSTRAINTS ALL IMMEDIATE")
    for name in names:
        refuses(f"TRUNCATE {name} CASCADE", by="cannot be emptied")
    # Nor through a table that it references.
    refuses("TRUNCATE signatures_petition CASCADE", by="cannot be emptied")
    assert petition.tallies.all().count_signatures() == 1


# What is entered about a hand-over later, or is a secret that the purge takes out.
ENTERED_LATER = {"state", "packing_id", "handed_over_on", "handed_over_how", "note", "answered_on", "seed_encrypted"}
COUNTED_ANEW = {"confirmed", "named", "release_id"}


def test_whatever_a_list_is_made_by_is_frozen_when_it_is_prepared(db: None) -> None:
    ((function, of_purpose),) = query(
        "SELECT pg_get_functiondef('signatures_refuse_other_delivery'::regproc),"
        " pg_get_functiondef('signatures_refuse_other_purpose'::regproc)"
    )
    frozen = function[: function.index("another hand-over is another row")] + of_purpose
    columns = {str(field.column) for field in Delivery._meta.local_fields if not field.name.startswith("reply")}
    changeable = ENTERED_LATER | COUNTED_ANEW | {"id"}
    assert {name for name in columns - changeable if not re.search(rf'OLD\."?{name}\b', frozen)} == set()


def test_every_sequence_is_in_the_write_ahead_log(db: None) -> None:
    # A standby that takes over cannot read one that is not, and nothing could be stored in its table any more.
    unlogged = "SELECT relname FROM pg_class WHERE relkind = 'S' AND relpersistence <> 'p'"
    assert query(unlogged) == []
