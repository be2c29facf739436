"""A recipient who speaks Belarusian gets letter, lists and directions in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from signatures.languages import text_in
from signatures.models import Recipient
from tests.support import factories
from tests.support.belarusian import IN_ORDER, LANGUAGE, MONTHS, first_recipient, load_petition, speak_belarusian
from tests.support.hand_overs import grow_older, manifest_of, package_of, prepare, unpack_to, unpacked
from tests.support.interface_texts import RUSSIAN, folded, foreign_texts
from tests.support.name_lists import rows_in
from tests.support.papers import text_of
from tests.support.releases import release

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = ["нумар", "імя", "імя_лацінкай", "код_краіны", "краіна", "дата_подпісу", "мова", "версія_тэксту"]
ANSWER_OF_OPENSSL = "Signature Verified Successfully"
PETITIONER = {"name": "Алена Гай", "nationality_be": "грамадзянка Беларусі", "address": "Прага 1"}


@pytest.fixture
def parliament(db: None, settings: Settings, organiser: Client) -> Recipient:
    """Return the recipient that is given names, with people who have signed and a lead petitioner."""
    speak_belarusian(settings)
    petition = load_petition()
    for name in reversed(IN_ORDER):
        factories.make_signature(petition, name=name, country="PL", language=LANGUAGE, visibility="PUBLIC")
    for country in ("BY", "PL") * 12:
        factories.make_signature(petition, country=country, language=LANGUAGE, visibility="COUNTED")
    assert release(petition, ago=timedelta(hours=1))
    grow_older(petition)
    path = reverse("admin:petition_lead_petitioner", args=[petition.pk])
    assert organiser.post(path, PETITIONER).status_code == 302
    return first_recipient(petition)


def files_for(organiser: Client, recipient: Recipient) -> dict[str, bytes]:
    """Return the files of a hand-over with everything, its names in the alphabet."""
    layout = {"with_document": "on", "with_workbook": "on", "with_latin": "on", "order": "NAME"}
    return unpacked(package_of(organiser, prepare(organiser, recipient, language=LANGUAGE, **layout)))


def test_the_list_is_headed_named_and_sorted_in_belarusian(parliament: Recipient, organiser: Client) -> None:
    header, *rows = rows_in(files_for(organiser, parliament)["signatures.csv"])
    assert header == HEADER
    assert tuple(row[1] for row in rows) == IN_ORDER
    assert {row[4] for row in rows} == {"Польшча"}
    latin = {row[1]: row[2] for row in rows}
    assert (latin["Ўладзь Лось"], latin["Іван Кот"], latin["Ёла Сад"]) == ("Uladz Los", "Ivan Kot", "Iola Sad")


def test_the_directions_and_the_text_are_in_belarusian(parliament: Recipient, organiser: Client) -> None:
    files = files_for(organiser, parliament)
    readme = folded(files["README.txt"].decode())
    for sentence in (
        "Петыцыя: Свабоду палітычным зняволеным Беларусі",
        "Адрасат: Еўрапейскі парламент, Камітэт па петыцыях",
        "ІМЁНЫ — ПЕРСАНАЛЬНЫЯ ДАНЫЯ. НЕ ДЛЯ ПУБЛІКАЦЫІ.",
        "Імёны раскрываюць палітычныя погляды.",
        "ЯК ПРАВЕРЫЦЬ",
        "/be/petitions/belarus-political-prisoners/deliveries/",
    ):
        assert sentence in readme
    text = folded(files["petition-1.be.txt"].decode())
    assert "Адрасаты і што атрымлівае кожны:" in text
    assert "Версія № 1, апублікавана" in text
    for said in (readme, text):
        assert not RUSSIAN.search(said)
        assert foreign_texts(said.replace(ANSWER_OF_OPENSSL, "")) == []
    assert {name for name in files if name.endswith(".txt")} == {"README.txt", "petition-1.be.txt"}
    totals = {row[0]: row for row in rows_in(files["totals.csv"])}
    assert totals.keys() >= {"від"}
    manifest = manifest_of(files)
    assert manifest["recipient"]["name"] == {LANGUAGE: text_in(parliament, "name", LANGUAGE)}


def test_the_letter_is_in_belarusian(parliament: Recipient, organiser: Client, tmp_path: Path) -> None:
    folder = unpack_to(tmp_path / "files", files_for(organiser, parliament))
    letter = folded(text_of(folder / "petition.pdf"))
    today = datetime.now(UTC)
    for sentence in (
        f" {MONTHS[today.month - 1]} {today.year} г.",
        "Петыцыя: Свабоду палітычным зняволеным Беларусі",
        "Чаго просіць петыцыя",
        "Просім не разгалошваць імёнаў",
        "Подпісы паводле краін",
        "З павагай,",
        "Алена Гай",
        "грамадзянка Беларусі",
        "Ніжэй ідзе поўны тэкст.",
        f".{today:%m.%Y}",
    ):
        assert sentence in letter, sentence
    assert not RUSSIAN.search(letter)
    places = [letter.index(name) for name in IN_ORDER]
    assert places == sorted(places)
