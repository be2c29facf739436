"""The numbers of a hand-over are the published ones, and reveal nothing about single people."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from signatures.counting.figures import OTHERS
from signatures.delivering.rows import Snapshot
from signatures.delivering.totals import Totals, read_totals, totals_rows
from signatures.models import Delivery, Petition
from signatures.models.choices import Visibility
from tests.support import factories
from tests.support.hand_overs import grow_older
from tests.support.releases import move_releases, release, sign_hidden


def totals_of(delivery: Delivery) -> Totals:
    """Read the numbers that go into the files."""
    with closing(Snapshot()) as snapshot:
        return read_totals(snapshot, delivery)


@pytest.mark.django_db(transaction=True)
def test_totals_are_those_of_the_release_and_labelled_in_the_language_of_the_hand_over(petition: Petition) -> None:
    for country, amount in (("PL", 24), ("BY", 11), ("US", 3)):
        for number in range(amount):
            visibility = Visibility.DELIVERED if number % 2 else Visibility.COUNTED
            factories.make_signature(petition, country=country, visibility=visibility)
    assert release(petition)
    grow_older(petition)
    move_releases(petition, timedelta(hours=1))
    # Signatures after the release are on the list but in no number.
    sign_hidden(petition, 4)
    grow_older(petition)
    totals = totals_of(factories.make_delivery(petition))
    numbers_only = totals_of(factories.make_delivery(petition, "Government", by_country=False))
    assert (totals.confirmed, totals.named, totals.unnamed, totals.union) == (38, 18, 20, 24)
    assert (totals.rows, totals.listed) == (42, 18)
    assert totals.countries == {"PL": 24, OTHERS: 14}
    assert (numbers_only.named, numbers_only.countries) == (None, {})
    rows = totals_rows(totals, "ru", gives_names=True)
    assert rows[0] == ["вид", "код", "название", "подписи"]
    assert ["country", "PL", "Польша", 24] in rows
    assert ["country", OTHERS, "Другие страны", 14] in rows
    english = totals_rows(totals, "en", gives_names=True)
    assert ["named", "", "With names", 18] in english
    assert english[0] == ["kind", "code", "name", "signatures"]
    assert [row[:2] for row in rows[1:]] == [row[:2] for row in english[1:]], "what programs read has one language"


@pytest.mark.django_db(transaction=True)
def test_before_the_first_release_totals_are_fewer_than_ten(petition: Petition) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    totals = totals_of(factories.make_delivery(petition))
    assert (totals.confirmed, totals.named, totals.countries, totals.listed) == (None, None, {}, 1)
    rows = totals_rows(totals, "en", gives_names=True)
    assert rows[1] == ["total", "", "Signatures", "fewer than ten"]
    assert [row[0] for row in rows] == ["kind", "total"]


@pytest.mark.django_db(transaction=True)
def test_a_hand_over_of_new_signatures_states_no_number_of_names(petition: Petition) -> None:
    for visibility in (Visibility.DELIVERED, Visibility.COUNTED):
        for _ in range(20):
            factories.make_signature(petition, visibility=visibility)
    assert release(petition)
    move_releases(petition, timedelta(hours=1))
    grow_older(petition)
    delivery = factories.make_delivery(petition)
    assert totals_of(delivery).named == 20
    # A recipient of the previous list could subtract that number from this one.
    delivery.since = delivery.cut_off - timedelta(days=1)
    totals = totals_of(delivery)
    assert (totals.confirmed, totals.named, totals.unnamed) == (40, None, None)
    assert "named" not in [row[0] for row in totals_rows(totals, "en", gives_names=True)]


def test_a_recipient_of_numbers_does_not_learn_how_many_have_names() -> None:
    totals = Totals(
        is_exact=False,
        released=None,
        confirmed=20,
        named=None,
        union=None,
        countries={},
        versions=(),
        rows=20,
        listed=0,
    )
    assert [row[0] for row in totals_rows(totals, "en", gives_names=False)] == ["kind", "total"]
