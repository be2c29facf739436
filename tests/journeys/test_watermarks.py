"""Every file that holds names or numbers carries random bits of its own, the same ones when it is made again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import Settings

from signatures.delivering.watermarks import PATTERN, PREFIX
from signatures.delivering.watermarks import watermarks_of as watermarks_of_delivery
from signatures.delivering.writers.pdf import document
from signatures.models import AuditEntry, Delivery, LeadPetitioner, Packing, Petition, Recipient, Signature
from signatures.models.choices import PetitionStatus, Visibility
from signatures.moderating.purging import purge_petition
from signatures.safeguarding.countries import country_names
from tests.support import factories
from tests.support.database import at_once, traces_of
from tests.support.hand_overs import download, grow_older, hand_over, manifest_of, package_of, prepare, record, unpacked
from tests.support.name_lists import content_of, order_list, recipient_of
from tests.support.page_reading import page_of
from tests.support.recipient_checks import digest_of, told_of, watermark_in, watermarks_in

pytestmark = pytest.mark.django_db(transaction=True)
EVERYTHING = {"with_workbook": "on", "with_document": "on"}
OF_PUBLIC_TEXTS = {"petition-1.en.txt", "petition-1.ru.txt", "petition-1.json"}
PROOF = {"public-key.pem", "manifest.json", "manifest.sig"}
OWN_BITS = 128


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with two names and one signature without."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    factories.make_signature(petition, visibility=Visibility.COUNTED)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


def watermarks_of(files: dict[str, bytes]) -> dict[str, str]:
    """Return the watermark of each file of a package that must have one; the others must have none."""
    for name in (OF_PUBLIC_TEXTS | PROOF) & files.keys():
        assert watermarks_in(name, files[name]) == [], name
    return {name: watermark_in(name, files[name]) for name in sorted(files.keys() - OF_PUBLIC_TEXTS - PROOF)}


def own_bits(watermark: str) -> str:
    """Return the part of a watermark that no other file has."""
    return watermark[-OWN_BITS // 4 :]


def test_each_file_carries_bits_that_no_other_file_has(
    parliament: Recipient, organiser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "FILE_NAMES", 1)
    found = []
    for recipient in (parliament, parliament, recipient_of(parliament.petition, "Government")):
        marks = watermarks_of(unpacked(package_of(organiser, prepare(organiser, recipient, **EVERYTHING))))
        assert {"README.txt", "totals.csv", "petition.pdf"} <= marks.keys()
        assert len({mark.removeprefix(PREFIX)[: -OWN_BITS // 4] for mark in marks.values()}) == 1
        found += list(marks.values())
    for _ in range(2):
        found.append(watermark_in("list.csv", content_of(order_list(organiser, parliament))))
    assert len(found) == 2 * 7 + 3 + 2
    assert len({own_bits(watermark) for watermark in found}) == len(found)
    assert all(PATTERN.fullmatch(watermark) for watermark in found)


def test_it_stands_where_it_disturbs_no_reader(parliament: Recipient, organiser: Client) -> None:
    files = unpacked(package_of(organiser, prepare(organiser, parliament, **EVERYTHING)))
    for name in ("signatures.csv", "totals.csv"):
        header, *rows = files[name].decode("utf-8-sig").splitlines()
        assert header.endswith(f",{watermark_in(name, files[name])}")
        assert {line.count(",") for line in rows} == {header.count(",")}
        assert all(line.endswith(",") for line in rows)
    book = load_workbook(io.BytesIO(files["signatures.xlsx"]))
    assert book.custom_doc_props["watermark"].value == watermark_in("signatures.xlsx", files["signatures.xlsx"])  # type: ignore[attr-defined]  # the stubs lack it
    assert PREFIX not in str(list(book.worksheets[0].iter_rows(values_only=True)))
    readme = files["README.txt"].decode()
    assert readme.endswith(f"\n{watermark_in('README.txt', files['README.txt'])}\n")


def test_the_same_rows_give_the_same_bits_however_many_downloads_begin_at_once(
    parliament: Recipient, organiser_client: Callable[[str], Client]
) -> None:
    clients = [organiser_client("Organisers") for _ in range(4)]
    delivery = prepare(clients[0], parliament, with_workbook="on")
    # As it is for a hand-over that was prepared before there were watermarks.
    Delivery.objects.update(seed_encrypted=None)
    packages = at_once(*[lambda client=client: unpacked(package_of(client, delivery)) for client in clients])
    assert packages.count(packages[0]) == len(packages)
    assert Packing.objects.count() == 1
    assert download(clients[0], delivery, "signatures.csv") == packages[0]["signatures.csv"]


def test_whoever_comes_first_draws_the_seed_for_all(petition: Petition) -> None:
    delivery = factories.make_delivery(petition)
    for _ in range(5):
        Delivery.objects.update(seed_encrypted=None)
        drawn = at_once(*[lambda: watermarks_of_delivery(delivery, b"the same rows")] * 8)
        assert len(set(drawn)) == 1


@pytest.mark.parametrize("change", ["a name", "a lead petitioner", "what a country is called"])
def test_what_is_made_of_anything_else_gets_other_bits_in_every_file(
    parliament: Recipient, organiser: Client, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    delivery = prepare(organiser, parliament, **EVERYTHING)
    before = unpacked(package_of(organiser, delivery))
    if change == "a name":
        Signature.objects.filter(name="First").update(name="Fifth")
    elif change == "what a country is called":
        # No number of so few is told by country: the name stands in the lists alone.
        monkeypatch.setitem(country_names("en"), "LT", "Republic of Lithuania")
    else:
        LeadPetitioner.objects.create(petition=parliament.petition, name="Alena Shauchenka")
    now = unpacked(package_of(organiser, delivery))
    for name, watermark in watermarks_of(before).items():
        assert own_bits(watermark_in(name, now[name])) != own_bits(watermark), name
    assert delivery.packings.values("edition").distinct().count() == 2


def test_nobody_who_reads_the_site_the_proof_or_the_database_finds_the_bits(
    parliament: Recipient, organiser: Client
) -> None:
    petition = parliament.petition
    delivery = hand_over(organiser, parliament, **EVERYTHING)
    files = unpacked(package_of(organiser, delivery))
    page = page_of(petition, "deliveries")
    public = b"".join(
        Client().get(f"{page}{end}").content for end in ("", *(f"{delivery.pk}/{name}" for name in PROOF))
    )
    assert digest_of(files["signatures.csv"]).encode() in public
    (edition,) = {mark.removeprefix(PREFIX)[: -OWN_BITS // 4] for mark in watermarks_of(files).values()}
    for watermark in watermarks_of(files).values():
        assert own_bits(watermark).encode() not in public
        assert traces_of(own_bits(watermark)) == []
    assert edition.encode() not in public
    seed = Delivery.objects.get(pk=delivery.pk).seed_encrypted
    assert seed is not None
    assert bytes(seed).startswith(b"gAAAA"), "a copy of the database without the secrets must not hold it"


def test_the_public_page_and_the_manifest_hold_no_sizes(parliament: Recipient, organiser: Client) -> None:
    delivery = hand_over(organiser, parliament, **EVERYTHING)
    files = unpacked(package_of(organiser, delivery))
    page = page_of(parliament.petition, "deliveries")
    public = [Client().get(page).content, *(Client().get(f"{page}{delivery.pk}/{name}").content for name in PROOF)]
    for told in public:
        assert not [name for name, content in files.items() if re.search(rb"\b%d\b" % len(content), told)]
    assert {frozenset(entry) for entry in manifest_of(files)["files"]} == {frozenset({"name", "sha256"})}


def test_after_the_purge_nothing_is_left_by_which_a_guess_could_be_tested(
    parliament: Recipient, organiser: Client
) -> None:
    petition = parliament.petition
    delivery = hand_over(organiser, parliament)
    content = download(organiser, delivery, "signatures.csv")
    other = prepare(organiser, parliament)
    package_of(organiser, other)
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
    purge_petition(petition=petition, reason="over", actor=None)
    assert set(Delivery.objects.values_list("seed_encrypted", flat=True)) == {None}
    assert traces_of(own_bits(watermark_in("signatures.csv", content))) == []
    assert "The file is the one that was handed over." in told_of(content, petition)


def test_where_the_key_of_the_seed_was_dropped_the_files_come_out_with_other_bits(
    parliament: Recipient, organiser: Client, settings: Settings
) -> None:
    delivery = hand_over(organiser, parliament)
    before = unpacked(package_of(organiser, delivery))
    settings.ENCRYPTION_KEYS = ["eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="]
    after = unpacked(package_of(organiser, delivery))
    assert watermarks_of(after).keys() == watermarks_of(before).keys()
    assert not set(watermarks_of(after).values()) & set(watermarks_of(before).values())
    assert unpacked(package_of(organiser, delivery)) == after
    assert "The file is the one that was handed over." in told_of(before["signatures.csv"], parliament.petition)


def test_every_download_is_on_record_with_what_its_copy_is_traced_by(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament)
    package_of(organiser, delivery)
    download(organiser, delivery, "signatures.csv")
    download(organiser, delivery, "manifest.json")
    record(organiser, delivery)
    begun = AuditEntry.objects.filter(action="EXPORT_STARTED").order_by("id").values_list("details", flat=True)
    edition = delivery.packings.get().edition
    assert [details.get("edition") for details in begun] == [edition, edition, None]
