"""Rows that were there before a migration, and after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from signatures.counting.published import figures_of
from signatures.delivering.actions import prepare_own_work
from signatures.delivering.columns import Layout
from signatures.models import Delivery, Packing, Petition, Release, Signature, Suppression
from signatures.safeguarding.keys import mail_key
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.hand_overs import grow_older
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import recipient_of
from tests.support.page_reading import shown_count
from tests.support.releases import release, sign_hidden, sign_publicly


@contextmanager
def database_as_of(migration: str) -> Iterator[None]:
    """Take the database back to a migration, and to the newest again."""
    newest = [node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] == "signatures"]
    MigrationExecutor(connection).migrate([("signatures", migration)])
    try:
        yield
    finally:
        MigrationExecutor(connection).migrate(newest)


@pytest.mark.django_db(transaction=True)
def test_a_manifest_that_was_signed_before_stays_with_its_hand_over(petition: Petition) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    made, handed_over, empty = (factories.make_delivery(petition) for _ in range(3))
    sign = "UPDATE signatures_delivery SET manifest = %s, signature = 'sig', public_key = 'key' WHERE id = %s"
    deliver = "UPDATE signatures_delivery SET state = 'HANDED_OVER', handed_over_on = %s, handed_over_how = 'POST'"
    with database_as_of("0007_petition_stays_public"):
        for delivery in (made, handed_over):
            query(sign, ['{"files": []}', delivery.pk])
        query(f"{deliver} WHERE id = %s", ["2011-01-15", handed_over.pk])
    kept = {packing.delivery_id: packing for packing in Packing.objects.all()}
    assert kept.keys() == {made.pk, handed_over.pk}
    assert {packing.manifest for packing in kept.values()} == {'{"files": []}'}
    assert bytes(kept[made.pk].signature) == b"sig"
    assert (kept[made.pk].confirmed, kept[made.pk].named) == (1, 1)
    found = {delivery.pk: delivery.packing for delivery in Delivery.objects.select_related("packing")}
    assert found == {made.pk: None, handed_over.pk: kept[handed_over.pk], empty.pk: None}
    with database_as_of("0007_petition_stays_public"):
        manifests = query("SELECT id, manifest FROM signatures_delivery ORDER BY id")
        assert manifests == [(made.pk, '{"files": []}'), (handed_over.pk, '{"files": []}'), (empty.pk, "")]
        refuses("UPDATE signatures_delivery SET manifest = 'x' WHERE id = %s", handed_over.pk, by="stays as it was")


@pytest.mark.django_db(transaction=True)
def test_samples_that_were_taken_before_are_forgotten(petition: Petition) -> None:
    index = "SELECT pg_get_indexdef('signature_name_words'::regclass)"
    samples = "SELECT * FROM pg_stats WHERE schemaname = 'public'"
    before = query(index)
    signature = factories.make_signature(petition, name="Zyzzyva")
    for number in range(3):
        factories.make_signature(petition, name=f"Zyzzyva{number}")
    key = bytes(signature.email_key or b"").hex()
    with database_as_of("0011_goal_explained"):
        query("ANALYZE")
        assert "zyzzyva" in str(query(samples))
        assert key in str(query(samples))
    assert "zyzzyva" not in str(query(samples))
    assert key not in str(query(samples))
    query("ANALYZE")
    assert "zyzzyva" not in str(query(samples))
    assert key not in str(query(samples))
    # What the search needs is as Django would make it.
    assert query(index) == before


@pytest.mark.django_db(transaction=True)
def test_mails_that_wait_are_sent_before_and_after_and_who_wants_none_is_remembered(
    petition: Petition, mailbox: Mailbox
) -> None:
    for address in ("a@gmail.com", "b@example.org", "b@example.org"):
        factories.sign(Client(), petition, email=address)
    Suppression.objects.create(mail_key=mail_key("c@example.org"))
    with database_as_of("0012_protection"):
        # Earlier programs drop all but the newest mail of a key, and want a mark of every domain.
        assert query("SELECT count(DISTINCT mail_key), count(*) FROM signatures_outgoingmail") == [(3, 3)]
        assert query("SELECT count(*) FROM signatures_attempt WHERE domain_keys IS NULL") == [(0,)]
        assert query("SELECT relpersistence FROM pg_class WHERE relname = 'signatures_mailcount'") == [("p",)]
        query("INSERT INTO signatures_mailcount (mail_key, day, kind, amount) VALUES ('k', now(), 'CONFIRM', 3)")
        query("ANALYZE signatures_attempt")
        samples = "SELECT count(*) FROM pg_stats WHERE tablename = 'signatures_attempt' AND attname ~ '_keys$'"
        assert query(samples) == [(2,)]
    assert query("SELECT relpersistence FROM pg_class WHERE relname = 'signatures_mailcount'") == [("u",)]
    query("ANALYZE signatures_attempt")
    assert query(samples) == [(0,)]
    factories.sign(Client(), petition, email="c@example.org")
    assert sorted(str(mail["To"]) for mail in mailbox.deliver()) == ["a@gmail.com", *["b@example.org"] * 2]
    assert factories.confirm(Client(), code_in(mailbox.messages()[0])).status_code == 303


@pytest.mark.django_db(transaction=True)
def test_releases_of_before_are_read_and_followed_by_others(petition: Petition) -> None:
    sign_publicly(petition, *(f"Somebody {n}" for n in range(10)))
    assert release(petition)
    with database_as_of("0019_same_press"):
        assert query("SELECT figures->'versions'->'total', figures ? 'texts' FROM signatures_release") == [
            ("10", False)
        ]
    assert shown_count(petition) == "10"
    sign_hidden(petition, 10)
    assert release(petition)
    figures = figures_of(Release.objects.newest())
    assert (figures.of_text(1), figures.countries.seen) == (20, {"LT": 10})


@pytest.mark.django_db(transaction=True)
def test_names_are_found_and_hand_overs_by_surname_stay_before_and_after(petition: Petition) -> None:
    factories.make_signature(petition, name="Łukasz O’Neill")
    grow_older(petition)
    delivery = factories.make_delivery(petition, order="SURNAME")
    samples = "SELECT attstattarget FROM pg_attribute WHERE attrelid = 'signature_name_words'::regclass"
    with database_as_of("0019_same_press"):
        assert query('SELECT id, "order" FROM signatures_delivery') == [(delivery.pk, "NAME")]
        words = "to_tsvector('simple', COALESCE(lower(name), ''))"
        assert query(f"SELECT count(*) FROM signatures_signature WHERE {words} @@ 'łukasz:*'") == [(1,)]  # noqa: S608
        assert query(samples) == [(0,)]
        refuses("UPDATE signatures_delivery SET cut_off = now() WHERE id = %s", delivery.pk, by="another hand-over")
    assert query(samples) == [(0,)]
    assert Signature.objects.all().search_names("lukasz o'neill").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_prepared_before_lists_had_a_purpose_was_to_be_handed_over(petition: Petition) -> None:
    factories.make_signature(petition)
    parliament = recipient_of(petition, "Parliament")
    prepared = factories.make_delivery(petition)
    own = prepare_own_work(recipient=parliament, layout=Layout("en", ","), actor=None)
    with database_as_of("0036_belarusian"):
        late = "SELECT count(*) FROM signatures_delivery WHERE cut_off > prepared_at - interval '10 minutes'"
        assert query(late) == [(0,)]
    found = dict(Delivery.objects.values_list("pk", "purpose"))
    assert found == {prepared.pk: "HAND_OVER", own.pk: "HAND_OVER"}
