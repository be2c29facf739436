"""What leaves the house tells the numbers that were published, and no others."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from signatures.models import Petition, Recipient, Signature
from signatures.models.choices import SignatureState, Visibility
from signatures.models.protection import Protection
from tests.support import factories
from tests.support.database import refuses
from tests.support.hand_overs import download, grow_older, hand_over, manifest_of, package_of, prepare, unpacked
from tests.support.name_lists import names_in, recipient_of, rows_in
from tests.support.page_reading import page_of, read, words
from tests.support.papers import text_of
from tests.support.releases import move_releases, move_to, release, sign_hidden

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


@pytest.mark.parametrize("language", ["en", "ru"])
def test_where_the_count_is_live_letter_readme_and_totals_say_one_exact_number(
    ordinary: Petition, organiser: Client, language: str, tmp_path: Path
) -> None:
    sign_hidden(ordinary, 17)
    for number in range(11):
        factories.make_signature(ordinary, name=f"Named {number}")
    grow_older(ordinary)
    assert release(ordinary, ago=timedelta(hours=1))
    # Fewer than ten sign after the release, and one of those before it goes.
    for number in range(3):
        factories.make_signature(ordinary, name=f"Later {number}")
    move_to(Signature.objects.filter(visibility=Visibility.COUNTED)[0], SignatureState.REMOVED)
    grow_older(ordinary)
    layout = {"with_document": "on", "language": language}
    for name, named in (("Parliament", 14), ("Government", None)):
        delivery = hand_over(organiser, recipient_of(ordinary, name), **layout)
        files = unpacked(package_of(organiser, delivery))
        first = files["README.txt"].decode().split("====")[0]
        (tmp_path / "petition.pdf").write_bytes(files["petition.pdf"])
        letter = " ".join(text_of(tmp_path / "petition.pdf").split())
        rows = {row[0]: row[3] for row in rows_in(files["totals.csv"])}
        for word in ("steps of ten", "steps of", "на десять и больше", "шаг"):
            assert word not in first
            assert word not in letter
        assert rows["total"] == "30"
        assert rows["version"] == "30"
        assert rows["published"] == rows["country"] == "28"
        assert "30" in first
        assert "30" in letter
        assert rows.get("named") == (named and str(named))
        if named:
            assert len(names_in(files["signatures.csv"])) == named
            assert re.search(r"\b30\b.*\b14\b.*\b16\b", first)
        # Anyone may read the manifest: it tells the count, which is live, and no split of it that moves by one.
        assert manifest_of(files)["counts"] == {"signatures": 30, "with_names": None, "without_names": None}


def test_once_the_protection_is_raised_no_exact_number_leaves_the_house(ordinary: Petition, organiser: Client) -> None:
    sign_hidden(ordinary, 20)
    assert release(ordinary, ago=timedelta(hours=1))
    sign_hidden(ordinary, 3)
    grow_older(ordinary)
    delivery = prepare(organiser, recipient_of(ordinary, "Government"))
    assert ["total", "", "Signatures", "23"] in rows_in(download(organiser, delivery, "totals.csv"))
    ordinary.protection = Protection.GUARDED
    ordinary.save()
    factories.publish_next(ordinary)
    assert ["total", "", "Signatures", "20"] in rows_in(download(organiser, delivery, "totals.csv"))
    assert "steps of ten" in download(organiser, delivery, "README.txt").decode()
