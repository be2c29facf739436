"""What leaves the house tells the numbers that were published, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from signatures.models import Petition, Recipient, Signature
from tests import factories
from tests.database import refuses
from tests.hand_overs import grow_older, hand_over, manifest_of, package_of, unpacked
from tests.lists import names_in, recipient_of, rows_in
from tests.pages import page_of, read, words
from tests.releases import move_releases, release, sign_hidden

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition that four named people have signed."""
    for name in ("Anna", "Boris", "Vera", "Hleb"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


def test_the_numbers_that_leave_the_house_are_those_that_were_published(
    parliament: Recipient, organiser: Client
) -> None:
    petition = parliament.petition
    sign_hidden(petition, 27, country="PL")
    for number in range(17):
        factories.make_signature(petition, name=f"Named {number}", country="LT")
    grow_older(petition)
    assert release(petition, ago=timedelta(hours=1))
    exact = Signature.objects.confirmed().count()
    # Who comes after the release is in the list, and in no number.
    factories.make_signature(petition, name="Late One", country="LT")
    grow_older(petition)
    delivery = hand_over(organiser, parliament, with_document="on")
    files = unpacked(package_of(organiser, delivery))
    assert manifest_of(files)["counts"] == {"signatures": exact, "with_names": 21, "without_names": 27}
    assert "Late One" in names_in(files["signatures.csv"])
    rows = rows_in(files["totals.csv"])
    assert ["total", "", "Signatures", str(exact)] in rows
    assert ["named", "", "With names", "21"] in rows
    page = words(read(Client(), page_of(petition, "deliveries")))
    assert f"{exact} confirmed = 21 with names + 27 without" in page
    assert f"{exact} confirmed = 21 with names + 27 without" in files["README.txt"].decode()


def test_a_hand_over_tells_the_numbers_of_the_last_release_before_its_cut_off(petition: Petition) -> None:
    sign_hidden(petition, 20)
    assert release(petition)
    move_releases(petition, timedelta(hours=2))
    sign_hidden(petition, 10)
    assert release(petition)
    first = factories.make_delivery(petition)
    assert first.release is not None
    assert first.release.figures["count"] == 20
    refuses("UPDATE signatures_delivery SET release_id = NULL", by="cannot be changed")
