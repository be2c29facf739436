"""Whatever was downloaded belongs to a signed manifest that is kept for ever, and nobody can deny it later."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse

from signatures.models import AuditEntry, Delivery, Packing, Petition, Recipient, Signature
from signatures.models.choices import AuditAction, PetitionStatus, Visibility
from signatures.moderating.purging import purge_petition
from signatures.safeguarding import manifest_signing
from tests.support import factories
from tests.support.database import refuses
from tests.support.hand_overs import (
    act,
    checklist_path,
    delivery_path,
    download,
    grow_older,
    hand_over,
    package_of,
    prepare,
    record,
    unpack_to,
    unpacked,
)
from tests.support.name_lists import names_in, recipient_of
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.recipient_checks import digest_of, told_of, verify

pytestmark = pytest.mark.django_db(transaction=True)
NOT_CONFIRMED = "No file that was handed over has this digest."
IS_RECORDED = "The file is the one that was handed over."


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with two names and two signatures without."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    for _ in range(2):
        factories.make_signature(petition, visibility=Visibility.COUNTED)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


@pytest.mark.parametrize("name", ["signatures.csv", "totals.csv", "README.txt", "petition-1.json", "signatures.xlsx"])
def test_a_file_that_was_downloaded_alone_is_known_whoever_withdrew_before_it_was_recorded(
    parliament: Recipient, organiser: Client, name: str
) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on")
    content = download(organiser, delivery, name)
    Signature.objects.get(name="First").delete()
    assert record(organiser, delivery).status_code == 302
    assert IS_RECORDED in told_of(content, parliament.petition)


def test_what_was_made_before_somebody_withdrew_is_genuine_and_only_organisers_are_told_so(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    petition = parliament.petition
    delivery = prepare(organiser, parliament)
    first = package_of(organiser, delivery)
    Signature.objects.get(name="First").delete()
    second = package_of(organiser, delivery)
    assert record(organiser, delivery).status_code == 302
    before, now = unpacked(first), unpacked(second)
    assert list(delivery.packings.order_by("id").values_list("confirmed", flat=True)) == [4, 3]
    for name in ("signatures.csv", "totals.csv", "README.txt", "manifest.json", "manifest.sig"):
        assert NOT_CONFIRMED in told_of(before[name], petition), name
        assert IS_RECORDED in told_of(now[name], petition), name
    assert digest_of(before["manifest.json"]) not in read(Client(), page_of(petition, "deliveries"))
    pasted = organiser.post(reverse("admin:check_files"), {"digests": digest_of(before["signatures.csv"])})
    assert "not the one recorded as handed over" in words(pasted.content.decode())
    said = verify(unpack_to(tmp_path / "before", before))
    assert "not the one recorded as handed over" in said
    assert {line.removeprefix("ok: ") for line in said.splitlines()[1:]} == before.keys()
    assert "handed over on" in verify(unpack_to(tmp_path / "now", now))
    mixed = unpack_to(tmp_path / "mixed", {**before, "totals.csv": now["totals.csv"]})
    with pytest.raises(CommandError, match=r"totals\.csv differs"):
        verify(mixed)


def test_the_organiser_says_which_of_several_files_were_handed_over(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament)
    first = unpacked(package_of(organiser, delivery))
    assert "Which files" not in words(read(organiser, delivery_path(delivery)))
    Signature.objects.get(name="First").delete()
    package_of(organiser, delivery)
    page = words(read(organiser, delivery_path(delivery)))
    assert "Which files" in page
    assert "UTC: 3 = 1 with names + 2 without." in page
    oldest = delivery.packings.earliest("id")
    stranger = prepare(organiser, parliament)
    package_of(organiser, stranger)
    assert record(organiser, delivery, packing=str(stranger.packings.get().pk)).status_code == 422
    assert record(organiser, delivery, packing=str(oldest.pk)).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.packing, delivery.confirmed, delivery.named) == (oldest, 4, 2)
    assert IS_RECORDED in told_of(first["signatures.csv"], parliament.petition)
    entry = AuditEntry.objects.get(action=AuditAction.DELIVERY_HANDED_OVER)
    assert entry.details["manifest"] == digest_of(first["manifest.json"])
    assert download(organiser, delivery, "manifest.json") == first["manifest.json"]


def test_the_same_rows_make_one_packing_however_often_and_in_whichever_way_they_are_downloaded(
    parliament: Recipient, organiser: Client
) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on")
    for name in ("signatures.csv", "totals.csv", "signatures.xlsx"):
        download(organiser, delivery, name)
    files = unpacked(package_of(organiser, delivery))
    record(organiser, delivery)
    assert unpacked(package_of(organiser, delivery)) == files
    assert Packing.objects.count() == 1


def test_files_that_are_made_after_the_hand_over_have_a_manifest_of_their_own(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    delivery = hand_over(organiser, parliament)
    Signature.objects.get(name="First").delete()
    later = unpacked(package_of(organiser, delivery))
    assert names_in(later["signatures.csv"]) == ["Second"]
    assert "not the one recorded as handed over" in verify(unpack_to(tmp_path / "later", later))
    assert NOT_CONFIRMED in told_of(later["signatures.csv"], parliament.petition)
    assert delivery.packings.count() == 2
    delivery.refresh_from_db()
    assert delivery.named == 2


def test_a_list_is_whole_only_when_its_manifest_is_kept(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on")
    for name in ("signatures.csv", "signatures.xlsx", "totals.csv"):
        whole = download(organiser, prepare(organiser, parliament, with_workbook="on"), name)
        taken = b""
        answer = act(organiser, delivery, "file", name=name)
        for piece in answer:
            taken += piece
            if taken == whole:
                assert delivery.packings.exists(), name
                break
        answer.close()


def test_a_key_that_was_replaced_signs_anew_what_is_not_handed_over_and_leaves_the_rest(
    parliament: Recipient, organiser: Client, settings: object
) -> None:
    over, waiting = hand_over(organiser, parliament), prepare(organiser, parliament)
    before = [unpacked(package_of(organiser, delivery)) for delivery in (over, waiting)]
    settings.DELIVERY_SIGNING_KEY = b"another key of just 32 bytes ...."[:32]  # type: ignore[attr-defined]
    after = [unpacked(package_of(organiser, delivery)) for delivery in (over, waiting)]
    assert after[0] == before[0]
    assert (
        before[1]["public-key.pem"]
        != after[1]["public-key.pem"]
        == manifest_signing.pem(manifest_signing.public_key()).encode()
    )
    assert waiting.packings.count() == 2


def test_no_packing_changes_or_goes_and_a_hand_over_keeps_its_own(parliament: Recipient, organiser: Client) -> None:
    delivery = hand_over(organiser, parliament)
    other = hand_over(organiser, parliament)
    words_said = "cannot be changed or deleted"
    refuses("UPDATE signatures_packing SET manifest = 'x'", by=words_said)
    refuses("DELETE FROM signatures_packing", by=words_said)
    stays = "what was handed over stays as it was"
    statement = "UPDATE signatures_delivery SET packing_id = %s WHERE id = %s"
    refuses(statement, other.packing_id, delivery.pk, by=stays)
    refuses(statement, None, delivery.pk, by=stays)
    refuses("DELETE FROM signatures_delivery WHERE id = %s", delivery.pk, by="files were made stays")
    waiting = prepare(organiser, parliament)
    refuses(
        "UPDATE signatures_delivery SET packing_id = %s, state = 'HANDED_OVER', handed_over_how = 'POST',"
        " handed_over_on = now() WHERE id = %s",
        other.packing_id,
        waiting.pk,
        by="delivery_packing_of_itself",
    )


def test_the_proof_can_be_had_by_anyone_and_after_the_purge_too(
    parliament: Recipient, organiser: Client, organiser_client: Callable[[str], Client]
) -> None:
    petition = parliament.petition
    delivery = hand_over(organiser, parliament)
    files = unpacked(package_of(organiser, delivery))
    waiting = prepare(organiser, parliament)
    package_of(organiser, waiting)
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
    purge_petition(petition=petition, reason="over", actor=None)
    page = read(Client(), page_of(petition, "deliveries"))
    for name in ("manifest.json", "manifest.sig", "public-key.pem"):
        path = f"{page_of(petition, 'deliveries')}{delivery.pk}/{name}"
        assert f'href="{path}"' in page
        response = Client().get(path)
        assert response.content == files[name]
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "s-maxage=5" in response.headers["Cache-Control"]
        assert download(organiser, delivery, name) == files[name]
        assert Client().get(path.replace(f"/{delivery.pk}/", f"/{waiting.pk}/")).status_code == 404
        assert Client().get(path.replace(f"/{delivery.pk}/", f"/{2**63}/")).status_code == 404
        other = page_of(factories.make_petition(), "deliveries")
        assert Client().get(f"{other}{delivery.pk}/{name}").status_code == 404
    shown = words(read(organiser, delivery_path(waiting)))
    assert "It was handed over" not in shown
    assert "It was not recorded as handed over." in shown
    assert record(organiser, waiting).status_code == 422


def test_a_file_of_several_hand_overs_is_told_with_all_of_them(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    petition = parliament.petition
    government = recipient_of(petition, "Government")
    made = [hand_over(organiser, recipient) for recipient in (parliament, government)]
    waiting = prepare(organiser, parliament)
    text = unpacked(package_of(organiser, waiting))["petition-1.json"]
    said = told_of(text, petition)
    told = re.findall(r"digest of petition-1.json, hand-over number (\d+)", said)
    assert sorted(told) == sorted(str(delivery.pk) for delivery in made)
    path = tmp_path / "petition-1.json"
    path.write_bytes(text)
    lines = verify(path).splitlines()
    assert len([line for line in lines if "handed over on" in line]) == 2
    assert f"hand-over {waiting.pk} to Parliament: made on" in "\n".join(lines)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_whoever_pastes_the_digest_of_a_zip_is_told_to_unpack_it(
    parliament: Recipient, organiser: Client, language: str
) -> None:
    delivery = hand_over(organiser, parliament)
    said = told_of(package_of(organiser, delivery), parliament.petition, language)
    assert in_language("A ZIP itself is not listed: unpack it and check the files in it.", language) in said


def test_a_file_of_a_list_that_was_never_handed_over_is_a_finding(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    delivery = prepare(organiser, parliament)
    files = unpacked(package_of(organiser, delivery))
    folder = unpack_to(tmp_path / "files", files)
    for path in (folder, folder / "signatures.csv", folder / "manifest.sig"):
        with pytest.raises(CommandError, match="never recorded as handed over"):
            verify(path)
    assert "never handed over" in told_of(files["signatures.csv"], parliament.petition)


def test_an_organiser_pastes_what_sha256sum_printed_and_no_file_is_sent(
    parliament: Recipient, organiser: Client, organiser_client: Callable[[str], Client]
) -> None:
    over, waiting = hand_over(organiser, parliament), prepare(organiser, parliament)
    files = unpacked(package_of(organiser, over))
    alone = unpacked(package_of(organiser, waiting))["manifest.json"]
    printed = "\n".join(f"{digest_of(content)}  {name}" for name, content in files.items())
    printed += f"\nSHA256 hash of x:\n{' '.join(re.findall('..', digest_of(alone)))}\n{'0' * 64}  changed.csv"
    path = reverse("admin:check_files")
    assert path in read(organiser, checklist_path(parliament.petition))
    assert path in read(organiser, reverse("admin:signatures_delivery_changelist"))
    response = organiser.post(path, {"digests": printed})
    page = words(response.content.decode())
    assert page.count("Handed over on") >= len(files)
    assert f"hand-over number {waiting.pk} to: Parliament. Made on" in page
    assert "never recorded as handed over" in page
    assert page.count("No file that was made here has this digest") == 1
    assert organiser.post(path, {"digests": "nothing"}).status_code == 422
    assert organiser_client("Auditors").get(path).status_code == 200
    assert organiser_client("Editors").get(path).status_code == 403


def test_a_trial_is_discarded_while_nothing_of_it_has_left_the_house(parliament: Recipient, organiser: Client) -> None:
    trial, taken = prepare(organiser, parliament), prepare(organiser, parliament)
    answer = act(organiser, taken, "package", password="")
    answer.close()
    assert "Discard this hand-over" in read(organiser, delivery_path(trial))
    assert act(organiser, trial, "discard").status_code == 302
    assert not Delivery.objects.filter(pk=trial.pk).exists()
    entry = AuditEntry.objects.get(action=AuditAction.DELIVERY_DISCARDED)
    assert entry.target == trial.pk
    page = read(organiser, delivery_path(taken))
    assert "Discard this hand-over" not in page
    assert "nobody can know where they went" in page
    assert act(organiser, taken, "discard").status_code == 422
    assert Delivery.objects.filter(pk=taken.pk).exists()
