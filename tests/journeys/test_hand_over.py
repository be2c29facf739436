"""A list is prepared, downloaded, handed over, checked and answered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from signatures.models import AuditEntry, Delivery, Petition, Recipient
from signatures.models.choices import AuditAction, DeliveryState, SignatureState, Visibility
from tests.support import factories
from tests.support.database import query
from tests.support.hand_overs import (
    act,
    answer,
    checklist_path,
    delivery_path,
    download,
    grow_older,
    hand_over,
    look,
    manifest_of,
    package_of,
    prepare,
    record,
    unpack_to,
    unpacked,
)
from tests.support.name_lists import names_in, recipient_of, rows_in
from tests.support.page_reading import field_value, in_language, page_of, read, words
from tests.support.recipient_checks import run_7z, verified_by_openssl
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[str], Client]


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with five signatures that count and two that do not."""
    for name in ("Аня Ўлашэнка", "Ян Ёжыкаў", "Maria O'Connor"):
        factories.make_signature(petition, name=name)
    for _ in range(2):
        factories.make_signature(petition, visibility=Visibility.COUNTED)
    factories.make_signature(petition, name="Held Back", state=SignatureState.HELD, state_reason="HONEYPOT")
    grow_older(petition)
    factories.make_signature(petition, name="Too Late")
    return recipient_of(petition, "Parliament")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_before_anything_is_made_the_organiser_sees_what_it_will_hold(
    parliament: Recipient, organiser: Client, language: str
) -> None:
    organiser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    page = words(look(organiser, parliament))
    sums = {"confirmed": "5", "named": "3", "unnamed": "2"}
    assert in_language("%(confirmed)s = %(named)s with names + %(unnamed)s without", language, **sums) in page
    assert in_language("Nothing was handed over to this recipient yet.", language) in page
    assert "number, name, country_code" in page
    assert not Delivery.objects.exists()


def test_what_changed_since_the_organiser_looked_is_shown_again_before_anything_is_made(
    parliament: Recipient, organiser: Client
) -> None:
    form = {"recipient": str(parliament.pk), "prepare": "1", "seen": "0" * 64}
    answer = organiser.post(checklist_path(parliament.petition), {**form, **_rest_of_checklist()})
    assert "Something has changed" in answer.content.decode()
    assert not Delivery.objects.exists()


def _rest_of_checklist() -> dict[str, str]:
    cut_off = datetime.now(UTC) - timedelta(minutes=15)
    layout = {"language": "en", "order": "SIGNED", "delimiter": ",", "reason": "x"}
    return {"cut_off": f"{cut_off:%Y-%m-%dT%H:%M}", **layout}


def test_a_cut_off_within_the_last_ten_minutes_is_refused_and_the_form_is_kept(
    parliament: Recipient, organiser: Client
) -> None:
    now = datetime.now(UTC)
    response = look(organiser, parliament, cut_off=f"{now:%Y-%m-%dT%H:%M}", reason="Кепт")
    assert response.status_code == 422
    said = words(response)
    assert "at least 10 minutes back" in said
    latest = re.search(r"The latest possible is now (\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC\.", said)
    assert latest is not None
    assert look(organiser, parliament, cut_off=f"{latest[1]}T{latest[2]}").status_code == 200
    assert "Кепт" in response.content.decode()


def test_the_organiser_is_warned_of_a_hand_over_that_would_be_empty(parliament: Recipient, organiser: Client) -> None:
    assert "would be empty" not in words(look(organiser, parliament))
    long_ago = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M}"
    for recipient in parliament.petition.recipients.all():
        page = words(look(organiser, recipient, cut_off=long_ago))
        assert "This hand-over would be empty: there is no signature up to the cut-off." in page
    hand_over(organiser, parliament, cut_off=f"{datetime.now(UTC) - timedelta(minutes=20):%Y-%m-%dT%H:%M}")
    page = words(look(organiser, parliament, only_new="new"))
    assert "This hand-over would be empty: no signature up to the cut-off is new since the last one." in page


def test_the_package_holds_what_the_manifest_says_and_openssl_confirms_its_signature(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on", with_document="on", with_latin="on")
    package = package_of(organiser, delivery)
    files = unpacked(package)
    assert list(files) == [
        "README.txt",
        "totals.csv",
        "petition-1.en.txt",
        "petition-1.ru.txt",
        "petition-1.json",
        "signatures.csv",
        "signatures.xlsx",
        "petition.pdf",
        "public-key.pem",
        "manifest.json",
        "manifest.sig",
    ]
    manifest = manifest_of(files)
    assert manifest["counts"] == {"signatures": None, "with_names": None, "without_names": None}
    assert manifest["files"] == [
        {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
        if not name.startswith("manifest.")
    ]
    assert [row[1:3] for row in rows_in(files["signatures.csv"])[1:]] == [
        ["Аня Ўлашэнка", "Ania Ulashenka"],
        ["Ян Ёжыкаў", "Ian Iozhykau"],
        ["Maria O'Connor", "Maria O'Connor"],
    ]
    folder = unpack_to(tmp_path / "files", files)
    (tmp_path / "package.zip").write_bytes(package)
    assert "Signature Verified Successfully" in verified_by_openssl(folder)
    (folder / "manifest.json").write_bytes(files["manifest.json"] + b" ")
    assert "Signature Verification Failure" in verified_by_openssl(folder)


def test_each_file_can_be_had_alone_and_is_the_one_of_the_package(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on")
    files = unpacked(package_of(organiser, delivery))
    for name, content in files.items():
        assert download(organiser, delivery, name) == content, name
    assert act(organiser, delivery, "file", name="../secrets.json").status_code == 404


def test_a_recipient_that_is_given_totals_gets_numbers_and_no_name_whatever_is_asked_for(
    parliament: Recipient, organiser: Client
) -> None:
    government = recipient_of(parliament.petition, "Government")
    every = {"with_workbook": "on", "with_document": "on", "with_latin": "on", "order": "NAME"}
    delivery = prepare(organiser, government, **every)
    files = unpacked(package_of(organiser, delivery))
    assert not {"signatures.csv", "signatures.xlsx"} & files.keys()
    assert set(manifest_of(files)["counts"].values()) == {None}
    assert ["total", "", "Signatures", "fewer than ten"] in rows_in(files["totals.csv"])
    for name in ("signatures.csv", "signatures.xlsx"):
        assert act(organiser, delivery, "file", name=name).status_code == 404


def test_the_page_says_what_an_empty_password_means_and_that_a_suggestion_is_only_one(
    parliament: Recipient, organiser: Client
) -> None:
    delivery = prepare(organiser, parliament)
    first, second = (words(read(organiser, delivery_path(delivery))) for _ in range(2))
    suggested = r"A suggestion, which is another one at each visit and counts only if you type it into the field: (\S+)"
    (one,), (other,) = re.findall(suggested, first), re.findall(suggested, second)
    assert one != other
    assert "If the field is empty, the ZIP is not encrypted, and anyone who gets it can open it." in first


def test_a_password_encrypts_every_file_and_is_kept_nowhere(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    delivery = prepare(organiser, parliament)
    assert act(organiser, delivery, "package", password="short").status_code == 422
    secret = "correct horse battery staple"
    archive = tmp_path / "package.zip"
    archive.write_bytes(package_of(organiser, delivery, secret))
    assert b"O'Connor" not in archive.read_bytes()
    assert run_7z("t", "-pwrong", archive).returncode != 0
    assert run_7z("t", f"-p{secret}", archive).returncode == 0
    assert "AES-256" in run_7z("l", "-slt", archive).stdout
    assert run_7z("x", f"-p{secret}", f"-o{tmp_path / 'out'}", archive).returncode == 0
    assert names_in((tmp_path / "out" / "signatures.csv").read_bytes())[0] == "Аня Ўлашэнка"
    assert not [entry for entry in AuditEntry.objects.all() if secret in str(entry.details) + entry.reason]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_hand_over_goes_from_prepared_to_answered_and_the_public_page_tells_all_but_names(
    parliament: Recipient, organiser: Client, visitor: Client, language: str
) -> None:
    petition = parliament.petition
    page = page_of(petition, "deliveries", language)
    assert in_language("Nothing has been handed over yet.", language) in words(read(Client(), page))
    delivery = prepare(organiser, parliament, with_workbook="on")
    files = unpacked(package_of(organiser, delivery))
    assert in_language("Nothing has been handed over yet.", language) in words(read(Client(), page))
    assert record(organiser, delivery, note="Room 12").status_code == 302
    assert answer(organiser, delivery).status_code == 302
    shown = read(visitor, page)
    for name, content in files.items():
        assert hashlib.sha256(content).hexdigest() in shown, name
    assert {"en": "Parliament", "ru": "Парламент"}[language] in shown
    assert {"en": "We <em>heard</em> you.", "ru": "Мы вас <em>услышали</em>."}[language] in shown
    assert files["public-key.pem"].decode().splitlines()[1] in shown
    for secret in ("Ўлашэнка", "O'Connor", "O&#x27;Connor", "Room 12"):
        assert secret not in shown
    digest = hashlib.sha256(files["signatures.csv"]).hexdigest()
    assert f'href="#delivery-{delivery.pk}"' in read(visitor, f"{page}?digest={digest.upper()}")
    unknown = "No file that was handed over has this digest. The file has been changed, or it was never handed over."
    changed = ("0" if digest[0] != "0" else "1") + digest[1:]
    assert in_language(unknown, language) in words(read(visitor, f"{page}?digest={changed}"))
    trail = AuditEntry.objects.filter(target=delivery.pk).order_by("id").values_list("action", flat=True)
    assert [action for action in trail if action.startswith("DELIVERY")] == [
        AuditAction.DELIVERY_PREPARED,
        AuditAction.DELIVERY_HANDED_OVER,
        AuditAction.DELIVERY_ANSWERED,
    ]
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.ANSWERED


def test_a_hand_over_is_recorded_once_and_not_on_a_day_to_come(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert answer(organiser, delivery).status_code == 422
    assert "No file of this hand-over was downloaded yet" in words(record(organiser, delivery))
    package_of(organiser, delivery)
    assert record(organiser, delivery, handed_over_on=tomorrow.isoformat()).status_code == 422
    assert record(organiser, delivery).status_code == 302
    assert record(organiser, delivery).status_code == 422
    assert answer(organiser, delivery, tomorrow).status_code == 422
    assert AuditEntry.objects.filter(action=AuditAction.DELIVERY_HANDED_OVER).count() == 1


def test_the_desk_shows_how_each_hand_over_is_laid_out_and_proposes_today(
    parliament: Recipient, organiser: Client
) -> None:
    cut_off = datetime.now(UTC) - timedelta(minutes=20)
    layout = {"language": "ru", "order": "NAME", "delimiter": ";", "with_latin": "on"}
    delivery = prepare(organiser, parliament, cut_off=f"{cut_off:%Y-%m-%dT%H:%M}", **layout)
    said = "Русский; By name; with Latin letters; Semicolon"
    for path in (checklist_path(parliament.petition), delivery_path(delivery)):
        page = words(read(organiser, path))
        assert said in page
        assert f"{cut_off.day} {cut_off:%B %Y, %H:%M}" in page
    package_of(organiser, delivery)
    page = read(organiser, delivery_path(delivery))
    assert field_value(page, "handed_over_on") == datetime.now(UTC).date().isoformat()
    assert "Password for the ZIP (may be left empty)" in words(page)


def test_those_without_the_right_cannot_prepare_download_or_record(
    parliament: Recipient, organiser: Client, organiser_client: LogIn
) -> None:
    delivery = prepare(organiser, parliament)
    for role in ("Editors", "Auditors"):
        other = organiser_client(role)
        assert look(other, parliament).status_code == 403
        for action in ("package", "file", "handed_over", "answered"):
            assert act(other, delivery, action, name="signatures.csv").status_code == 403
    assert Client().post(delivery_path(delivery), {"action": "package"}).status_code == 403


@pytest.mark.parametrize("taken", [0, 1, 5])
def test_an_organiser_who_hangs_up_leaves_no_open_transaction_and_an_entry_that_says_so(
    parliament: Recipient, organiser: Client, taken: int
) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on")
    answer = act(organiser, delivery, "package", password="")
    pieces = iter(answer)
    for _ in range(taken):
        next(pieces)
    answer.close()
    last = AuditEntry.objects.order_by("-id")[0]
    assert last.action == AuditAction.EXPORT_ABORTED
    idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%%'"
    # A connection that was closed may take a moment to go.
    wait_until(lambda: query(f"{idle} AND state <> 'idle'") == [(0,)])
    assert not delivery.packings.exists()
