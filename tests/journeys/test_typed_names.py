"""A name on its way: typed, stored, shown, looked for, sorted and handed over as its signer writes it."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from django.utils.html import escape
from openpyxl import load_workbook

from signatures.delivering import fingerprint
from signatures.models import Petition, Signature
from signatures.models.name_search import NAME_ORDER_VERSION
from tests.support import factories
from tests.support.hand_overs import (
    checklist_path,
    delivery_path,
    download,
    grow_older,
    manifest_of,
    package_of,
    prepare,
    unpacked,
)
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import names_in, recipient_of
from tests.support.page_reading import in_language, page_of, read, words

pytestmark = pytest.mark.django_db(transaction=True)
DESK = "/admin/signatures/signature/"
TYPED = {
    "علی\u200cرضا کاظمی": ["علی\u200cرضا", "علی رضا", "علیرضا"],
    "ශ්\u200dරී ලාල්": ["ශ්\u200dරී", "ශ්රී"],
    "Алёна О’Коннор-Šuk": ["алена о'коннор", "О`КОННОР‑suk", "konnor šuk".replace("konnor", "коннор"), "suk"],
    "Łukasz Gal·la": ["lukasz galla", "ŁUKASZ"],
}
# As they signed, by name and by surname.
SIGNED = ["Łukasz Zając", "Ян Ёжыкаў", "Lukas Åberg", "Ігар Кот", "Zoë Kot-Bär", "Яна Ежова", "Ivan O'Kane", "Ян Ўлад"]
BY_NAME = {
    "en": [
        "Ivan O'Kane",
        "Lukas Åberg",
        "Łukasz Zając",
        "Zoë Kot-Bär",
        "Ігар Кот",
        "Ян Ёжыкаў",
        "Ян Ўлад",
        "Яна Ежова",
    ],
    "ru": [
        "Ігар Кот",
        "Ян Ёжыкаў",
        "Ян Ўлад",
        "Яна Ежова",
        "Ivan O'Kane",
        "Lukas Åberg",
        "Łukasz Zając",
        "Zoë Kot-Bär",
    ],
}
BY_SURNAME = {
    "en": [
        "Lukas Åberg",
        "Zoë Kot-Bär",
        "Ivan O'Kane",
        "Łukasz Zając",
        "Яна Ежова",
        "Ян Ёжыкаў",
        "Ігар Кот",
        "Ян Ўлад",
    ],
    "ru": [
        "Яна Ежова",
        "Ян Ёжыкаў",
        "Ігар Кот",
        "Ян Ўлад",
        "Lukas Åberg",
        "Zoë Kot-Bär",
        "Ivan O'Kane",
        "Łukasz Zając",
    ],
}


def test_a_name_is_stored_shown_and_found_as_its_signer_typed_it(
    ordinary: Petition, visitor: Client, organiser: Client, mailbox: Mailbox
) -> None:
    for number, name in enumerate(TYPED):
        typed = f"\u202b {name}\u00a0\u202c\ufeff"
        factories.sign(visitor, ordinary, name=typed, email=f"{number}@example.org", visibility="PUBLIC")
    for mail in mailbox.deliver():
        factories.confirm(visitor, code_in(mail))
    assert set(Signature.objects.values_list("name", flat=True)) == set(TYPED)
    page = read(visitor, page_of(ordinary, "signers"))
    for name, others in TYPED.items():
        assert escape(name) in page
        for looked_for in (name, f"\u3164\u202b{name}\ufeff", *others):
            found = re.findall(
                r'class="field-shown_name"><a[^>]*>([^<]*)</a>', read(organiser, f"{DESK}?q={looked_for}")
            )
            assert found == [escape(name)], looked_for
    grow_older(ordinary)
    delivery = prepare(organiser, recipient_of(ordinary, "Parliament"))
    assert set(names_in(download(organiser, delivery, "signatures.csv"))) == set(TYPED)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("order", "expected"), [("NAME", BY_NAME), ("SURNAME", BY_SURNAME)])
def test_every_list_goes_by_the_letters_of_its_language_and_by_the_word_that_the_organiser_chose(
    petition: Petition, organiser: Client, language: str, order: str, expected: dict[str, list[str]]
) -> None:
    for name in SIGNED:
        factories.make_signature(petition, name=name)
    grow_older(petition)
    options = {"with_workbook": "on", "with_document": "on", "with_latin": "on"}
    delivery = prepare(organiser, recipient_of(petition, "Parliament"), language=language, order=order, **options)
    files = unpacked(package_of(organiser, delivery))
    assert names_in(files["signatures.csv"]) == expected[language]
    sheet = load_workbook(io.BytesIO(files["signatures.xlsx"])).worksheets[0]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == expected[language]
    assert manifest_of(files)["layout"]["order"] == order
    assert files == unpacked(package_of(organiser, delivery))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_organiser_says_at_the_desk_which_word_is_the_surname(
    petition: Petition, organiser: Client, language: str
) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    organiser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    delivery = prepare(organiser, recipient_of(petition, "Parliament"), order="SURNAME")
    organiser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    for path in (checklist_path(petition), delivery_path(delivery)):
        assert in_language("By surname, the last word", language) in words(read(organiser, path))


def test_lists_in_another_order_of_letters_carry_other_random_bits(
    petition: Petition, organiser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    sorted_by = {
        order: prepare(organiser, recipient_of(petition, "Parliament"), order=order) for order in ("NAME", "SIGNED")
    }
    before = {order: unpacked(package_of(organiser, delivery)) for order, delivery in sorted_by.items()}
    monkeypatch.setattr(fingerprint, "NAME_ORDER_VERSION", NAME_ORDER_VERSION + 1)
    after = {order: unpacked(package_of(organiser, delivery)) for order, delivery in sorted_by.items()}
    assert after["NAME"]["signatures.csv"] != before["NAME"]["signatures.csv"]
    assert after["SIGNED"] == before["SIGNED"]
    assert [sorted_by[order].packings.values("edition").distinct().count() for order in sorted_by] == [2, 1]
