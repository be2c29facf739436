"""A list that organisers export for their own work belongs to a signed packing, like every file that leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse

from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_export
from signatures.models import Delivery, Petition, Recipient
from signatures.models.choices import Purpose
from signatures.safeguarding import manifest_signing
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.hand_overs import act, checklist_path, delivery_path, download, grow_older, hand_over, record
from tests.support.name_lists import content_of, order_list, recipient_of
from tests.support.page_reading import page_of, read, words
from tests.support.recipient_checks import digest_of, verify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with two names and one signature without."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    factories.make_signature(petition, visibility="COUNTED")
    return recipient_of(petition, "Parliament")


@pytest.fixture
def desk(organiser_client: Callable[[str], Client]) -> Client:
    """Return an organiser's browser."""
    return organiser_client("Organisers")


@pytest.fixture
def exported(parliament: Recipient, desk: Client) -> tuple[Delivery, bytes]:
    """Return a list of somebody's own work, and what it is kept as."""
    content = content_of(order_list(desk, parliament))
    return Delivery.objects.get(), content


def test_its_signed_manifest_is_kept_and_names_it(exported: tuple[Delivery, bytes], desk: Client) -> None:
    delivery, content = exported
    packing = delivery.packings.get()
    manifest = json.loads(packing.manifest)
    assert manifest["files"][0] == {"name": "signatures.csv", "sha256": digest_of(content)}
    assert manifest["purpose"] == "OWN_WORK"
    signed = packing.manifest.encode(), bytes(packing.signature), bytes(packing.public_key)
    assert manifest_signing.is_signed(*signed)
    assert (packing.confirmed, packing.named) == (delivery.confirmed, delivery.named) == (3, 2)
    assert download(desk, delivery, "manifest.json").decode() == packing.manifest


def test_it_is_whole_only_when_its_manifest_is_kept(parliament: Recipient) -> None:
    pieces = start_export(recipient=parliament, layout=Layout("en", ","), reason="Look", actor=None)
    taken = next(pieces) + next(pieces)
    assert b"Second" in taken
    assert not Delivery.objects.get().packings.exists()
    taken += next(pieces)
    packing = Delivery.objects.get().packings.get()
    assert packing.files[0]["sha256"] == hashlib.sha256(taken).hexdigest()
    assert list(pieces) == []


def test_a_copy_is_known_as_what_it_is(exported: tuple[Delivery, bytes], desk: Client, tmp_path: Path) -> None:
    delivery, content = exported
    path = tmp_path / "copy.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="never recorded as handed over"):
        verify(path)
    pasted = words(desk.post(reverse("admin:check_files"), {"digests": digest_of(content)}).content.decode())
    assert f"list number {delivery.pk} for the organisers’ own work, for: Parliament." in pasted


def test_it_is_made_once_and_never_handed_over(exported: tuple[Delivery, bytes], desk: Client) -> None:
    delivery, _content = exported
    page = read(desk, delivery_path(delivery))
    assert "This list was for the organisers’ own work and is made once." in words(page)
    assert "It was handed over" not in page
    assert "Download everything" not in page
    assert 'value="manifest.json"' in page
    assert 'value="signatures.csv"' not in page
    for answer in (
        act(desk, delivery, "package", password=""),
        act(desk, delivery, "file", name="signatures.csv"),
        record(desk, delivery),
    ):
        assert answer.status_code == 422
    assert "A list for the organisers’ own work is not handed over" in words(record(desk, delivery).content.decode())
    delivery.refresh_from_db()
    assert (delivery.state, delivery.packings.count()) == ("PREPARED", 1)


def test_it_stands_among_no_hand_overs(parliament: Recipient, exported: tuple[Delivery, bytes], desk: Client) -> None:
    own, _content = exported
    petition = parliament.petition
    grow_older(petition)
    made = hand_over(desk, parliament)
    checklist = read(desk, checklist_path(petition))
    assert delivery_path(made) in checklist
    assert delivery_path(own) not in checklist
    packing = own.packings.get()
    public = read(Client(), page_of(petition, "deliveries"))
    assert packing.manifest_digest not in public
    assert Client().get(f"{page_of(petition, 'deliveries')}{own.pk}/manifest.json").status_code == 404
    assert delivery_path(own) in read(desk, reverse("admin:signatures_delivery_changelist"))
    assert Delivery.objects.last_to(parliament) == made


def test_its_purpose_stays_and_it_is_handed_over_by_no_statement(exported: tuple[Delivery, bytes]) -> None:
    delivery, _content = exported
    refuses("UPDATE signatures_delivery SET purpose = 'HAND_OVER'", by="another hand-over is another row")
    refuses(
        "UPDATE signatures_delivery SET packing_id = %s, state = 'HANDED_OVER', handed_over_how = 'POST',"
        " handed_over_on = now() WHERE id = %s",
        delivery.packings.get().pk,
        delivery.pk,
        by="delivery_own_work_stays",
    )
    assert query("SELECT purpose FROM signatures_delivery") == [(Purpose.OWN_WORK,)]
