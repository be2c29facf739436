"""Which keys hold the petition, as a database that is spread over servers by petition (Citus) demands of every key."""

from __future__ import annotations

import pytest

from signatures.models import Petition
from tests.support import factories
from tests.support.cluster.distributed_schema import COLUMN, ROOT, Schema, copy_rows, make_spread, row_again
from tests.support.database import query, refuses

pytestmark = pytest.mark.django_db

SIGNATURES, VERSIONS = "signatures_signature", "signatures_textversion"
# Who signed, what was published, and what is counted.
OF_PEOPLE_AND_NUMBERS = {
    "signature_one_per_address",
    "removed_mark_once",
    "text_version_numbered",
    "text_version_of_petition",
    "recipient_of_petition",
    "release_numbered",
    "tally_sum_per_kind",
    "tally_split_once",
    "wave_once",
    "wave_once_in_an_hour",
}
# Keys without the petition, beside the numbers of rows, and what becomes of what they promise.
WITHOUT_PETITION = {
    "signatures_attempt_code_hash_key": "80 random bits: once in a petition is enough, but all must be asked",
    "signatures_outgoingmail_message_id_key": "122 random bits: the same",
    "signatures_petition_slug_key": "unique over all petitions: a table of slugs, the same on every server",
    "batch_row_once": "the batch is of one petition",
    "counted_row_once": "the batch is of one petition",
    "entered_line_once": "the sheet is of one petition",
    "signatures_enteredrow_signature_id_key": "the signature is of one petition",
    "signatures_newssubscriber_mark_key": "122 random bits: the same",
    "typing_by_two_people": "the sheet is of one petition",
    "typing_first_and_second": "the sheet is of one petition",
    "packing_of_delivery": "the delivery is of one petition",
    "text_version_body_per_language": "the version is of one petition",
    "text_version_recipient_once": "the version is of one petition",
}
# Tables that stay on one server although they name petitions: what stands in them may be about none, or about people.
NOT_SPREAD = {"signatures_auditentry", "signatures_alertnews"}


@pytest.fixture
def now(db: None) -> Schema:
    """Return the schema as it is."""
    return Schema()


def test_what_decides_about_people_and_numbers_holds_the_petition_already(now: Schema) -> None:
    held = {key.name for key in now.unique if key.table in now.spread and now.place_of(key.table) in key.columns}
    assert held >= OF_PEOPLE_AND_NUMBERS
    of_versions = {key.table for key in now.foreign if key.to == VERSIONS and COLUMN in key.columns}
    assert of_versions >= {SIGNATURES, "signatures_attempt"}


def test_the_keys_that_would_have_to_change_are_numbers_of_rows_and_those_named(now: Schema) -> None:
    assert {key.name for key in now.unfit_keys() if not key.is_primary} == set(WITHOUT_PETITION)
    naming = {table for table, columns in now.required.items() if COLUMN in columns}
    assert naming - now.spread == NOT_SPREAD


def test_every_key_can_hold_the_petition_and_every_row_fits(now: Schema, petition: Petition) -> None:
    factories.make_signature(petition=petition)
    spread = make_spread(now)
    assert spread.unfit_keys() == []
    assert spread.unfit_references() == []
    of_spread = [key for key in now.unique if key.table in now.spread]
    assert sorted(key.name for key in spread.unique) == sorted(key.name for key in of_spread)
    copy_rows(now)
    query("SET CONSTRAINTS ALL IMMEDIATE")
    for table in now.spread:
        rows = [query(f"SELECT count(*) FROM {schema}.{table}") for schema in ("public", spread.name)]  # noqa: S608
        assert rows[0] == rows[1], table


def test_the_keys_hold_in_each_petition_as_they_do_now(now: Schema, petition: Petition) -> None:
    factories.make_signature(petition=petition)
    other = factories.make_petition(slug="another")
    make_spread(now)
    copy_rows(now)
    query("SET CONSTRAINTS ALL IMMEDIATE")
    refuses(row_again(now, SIGNATURES, id="id + 1"), by="signature_one_per_address")
    refuses(row_again(now, VERSIONS, id="id + 100"), by="text_version_numbered")
    # Of another petition: its own text versions alone may be referred to, and numbers of rows are its own.
    elsewhere = {COLUMN: str(other.pk), "email_key": "NULL", "source": "'PAPER'", "domain_key": "NULL"}
    refuses(row_again(now, SIGNATURES, **elsewhere), by="foreign key")
    version = str(other.text_versions.get().pk)
    query(row_again(now, SIGNATURES, **elsewhere, text_version_id=version))
    query("SET CONSTRAINTS ALL IMMEDIATE")
    assert query("SELECT count(*), count(DISTINCT id) FROM spread.signatures_signature") == [(2, 1)]


def test_a_table_that_is_not_spread_refers_to_one_that_is_in_one_place_only(now: Schema) -> None:
    back = {(key.table, key.to) for key in now.unfit_references() if key.table not in now.spread}
    assert back == {("signatures_alertnews", ROOT)}
