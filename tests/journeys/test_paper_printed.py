"""Sheets and slips as they are printed: with the text, the choices, and a number of their own that is found again."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from cryptography.fernet import Fernet
from django.test import Client
from PIL import Image
from pytest_django import Settings

from signatures.collecting.numbers import printed_number
from signatures.collecting.renewing import renew_paper
from signatures.links import absolute
from signatures.models import AuditEntry, Bundle, Petition
from tests.support import factories, papers
from tests.support.database import query, refuses, traces_of
from tests.support.page_reading import page_of, read, words
from tests.support.sheets import (
    ROWS,
    bundle_form,
    bundle_path,
    file_path,
    make_sheets,
    paper_path,
    sheet_path,
    type_sheet,
)

pytestmark = pytest.mark.django_db


def printed_on(client: Client, bundle: Bundle, folder: Path) -> tuple[str, list[list[str]]]:
    """Return the words of the file for the printer, and what the codes on each of its pages say."""
    path = folder / "sheets.pdf"
    path.write_bytes(client.get(file_path(bundle)).content)
    for old in folder.glob("*.png"):
        old.unlink()
    papers.read("pdftoppm", "-r", "200", "-png", path, folder / "page")
    codes = []
    for picture in sorted(folder.glob("*.png")):
        with Image.open(picture) as image:
            codes.append([code.text for code in zxingcpp.read_barcodes(image.convert("L"))])
    return " ".join(papers.text_of(path).split()), [sorted(set(of_page)) for of_page in codes]


@pytest.mark.parametrize(("kind", "amount"), [("sheets", 2), ("slips", 4)])
def test_paper_is_printed_with_its_text_and_numbers_of_its_own(
    petition: Petition, organiser: Client, tmp_path: Path, kind: str, amount: int
) -> None:
    answer = organiser.post(paper_path(petition), bundle_form(kind=kind, amount=str(amount), language="ru"))
    bundle = Bundle.objects.get()
    assert answer.headers["Location"] == bundle_path(bundle)
    assert [sheet.lines for sheet in bundle.sheets.all()] == [12 if kind == "sheets" else 1] * amount
    printed = [printed_number(sheet.number) for sheet in bundle.sheets.order_by("pk")]
    page = words(read(organiser, bundle_path(bundle)))
    assert all(number in page for number in printed)
    text, codes = printed_on(organiser, bundle, tmp_path)
    version = factories.newest_version(petition)
    for said in ("Свободу всем", "Мы просим свободы.", "Даю согласие.", "Парламент", "Правительство", *printed):
        assert said in text
    assert version.digest in text.replace(" ", "")
    assert len(codes) == 2
    address = absolute(page_of(petition, language="ru"))
    assert {code for of_page in codes for code in of_page} == {address, *printed}
    assert AuditEntry.objects.filter(action="BUNDLE_MADE", target=bundle.pk, amount=amount).exists()


def test_words_as_long_as_they_may_be_still_fit_on_one_page(
    petition: Petition, organiser: Client, tmp_path: Path
) -> None:
    long = {"title": 160, "summary": 600, "consent": 600, "safety_notice": 1000}
    Petition.objects.filter(pk=petition.pk).update(
        **{f"{name}_ru": ("Слова и слова " * 100)[:length] for name, length in long.items()}
    )
    factories.publish_next(petition)
    for kind, amount, lines in (("sheets", 1, "14"), ("slips", 3, "12")):
        organiser.post(paper_path(petition), bundle_form(kind=kind, amount=str(amount), lines=lines, language="ru"))
        text, codes = printed_on(organiser, Bundle.objects.latest("pk"), tmp_path)
        assert len(codes) == 1
        assert len(codes[0]) == 1 + amount
        assert factories.newest_version(petition).digest in text.replace(" ", "")


def test_what_is_entered_is_not_printed_again(petition: Petition, organiser: Client, tmp_path: Path) -> None:
    first, second = make_sheets(petition, amount=2)
    type_sheet(organiser, first, ROWS)
    _text, codes = printed_on(organiser, first.bundle, tmp_path)
    assert [printed_number(second.number) in of_page for of_page in codes] == [True]
    type_sheet(organiser, second, ROWS)
    assert organiser.get(file_path(first.bundle)).status_code == 404


def test_what_a_bundle_is_called_is_stored_encrypted_and_a_lost_key_hides_only_that(
    petition: Petition, organiser: Client, settings: Settings
) -> None:
    (sheet,) = make_sheets(petition)
    assert traces_of("Market square") == []
    for path in (paper_path(petition), bundle_path(sheet.bundle), sheet_path(sheet)):
        assert "Market square" in read(organiser, path)
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    renew_paper()
    settings.ENCRYPTION_KEYS = [new]
    assert "Market square" in read(organiser, bundle_path(sheet.bundle))
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert f"Bundle: {sheet.bundle_id}" in words(read(organiser, bundle_path(sheet.bundle)))
    assert type_sheet(organiser, sheet, ROWS).status_code == 302


def test_an_outdated_text_is_not_printed_any_more_and_what_was_signed_is_entered(
    petition: Petition, organiser: Client
) -> None:
    (sheet,) = make_sheets(petition)
    assert organiser.get(file_path(sheet.bundle)).headers["Content-Type"] == "application/pdf"
    factories.publish_next(petition)
    assert organiser.get(file_path(sheet.bundle)).headers["Location"] == bundle_path(sheet.bundle)
    page = read(organiser, bundle_path(sheet.bundle))
    assert "The text was changed after these were made" in words(page)
    assert file_path(sheet.bundle) not in page
    assert type_sheet(organiser, sheet, ROWS).status_code == 302
    assert sheet.rows.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": " "},
        {"label": "x" * 121},
        {"kind": "walls"},
        {"language": "be"},
        {"amount": "0"},
        {"amount": "201"},
        {"kind": "slips", "amount": "601"},
        {"lines": "15"},
    ],
)
def test_what_cannot_be_printed_is_said(petition: Petition, organiser: Client, wrong: dict[str, str]) -> None:
    answer = organiser.post(paper_path(petition), bundle_form(**wrong))
    assert answer.status_code == 422
    assert Bundle.objects.count() == 0


def test_nothing_is_printed_for_a_draft(organiser: Client) -> None:
    draft = factories.make_petition(publish=False)
    assert "Publish the petition first" in words(read(organiser, paper_path(draft)))
    organiser.post(paper_path(draft), bundle_form())
    assert Bundle.objects.count() == 0


def test_a_number_leads_to_its_sheet_and_a_slip_of_the_finger_to_none(petition: Petition, organiser: Client) -> None:
    sheet = make_sheets(petition)[0]
    path = paper_path(petition)
    assert organiser.get(path, {"sheet": printed_number(sheet.number)}).headers["Location"] == sheet_path(sheet)
    assert organiser.get(path, {"sheet": printed_number(sheet.number).replace("-", "")}).status_code == 302
    for typed, said in (
        ("17-5", "This is not the number of a sheet"),
        (printed_number(sheet.number + 1_000_000), "has no sheet"),
    ):
        assert said in words(organiser.get(path, {"sheet": typed}).content.decode())


@pytest.mark.parametrize(
    ("statement", "by"),
    [
        ("UPDATE signatures_sheet SET id = id + 1000000", "keep what was printed"),
        ("UPDATE signatures_bundle SET language = 'ru'", "keep what was printed"),
        ("TRUNCATE signatures_sheet CASCADE", "cannot be emptied"),
        ("TRUNCATE signatures_bundle CASCADE", "cannot be emptied"),
        ("UPDATE signatures_sheet SET entered_at = now()", "sheet_entered_by_somebody"),
    ],
)
def test_the_database_keeps_what_was_printed(petition: Petition, statement: str, by: str) -> None:
    make_sheets(petition)
    query("SET CONSTRAINTS ALL IMMEDIATE")
    refuses(statement, by=by)
