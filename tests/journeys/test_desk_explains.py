"""What the desk and its guide say of themselves is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from signatures.models import Petition, Recipient
from tests.support import desk, factories
from tests.support.hand_overs import delivery_path, grow_older, package_of, prepare, record, unpacked
from tests.support.name_lists import content_of, export_path, order_list, recipient_of
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.recipient_checks import told_of

GUIDE = Path(__file__).resolve().parents[2] / "docs/organisers/en/hand-over.md"
LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, with a signature."""
    factories.make_signature(petition)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


def rows_of_tables() -> list[str]:
    """Return the first cell of each row of the guide's tables."""
    return re.findall(r"^\| ([^|]+) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


@LANGUAGES
def test_the_page_that_exports_the_list_says_that_it_is_no_hand_over(
    parliament: Recipient, organiser_client: LogIn, language: str
) -> None:
    client = organiser_client("Organisers")
    page = read(client, export_path(parliament.petition), **{"accept-language": language})
    said = (
        "This list is for the organisers’ own work. A signed manifest of it is kept, by which organisers can check a"
        " file later; the public page knows the files of hand-overs only."
    )
    assert in_language(said, language) in words(page)
    assert f'<a href="{reverse("admin:petition_hand_over", args=[parliament.petition_id])}">' in page
    for_whom = (
        "Names in this file: %(n)s. Give it only to %(recipient)s. Don’t send it by messenger; delete it after the"
        " hand-over."
    )
    recipient = {"en": "Parliament", "ru": "Парламент"}[language]
    assert in_language(for_whom, language, n="1", recipient=recipient) in words(page)


def test_the_public_page_does_not_know_an_exported_list(parliament: Recipient, organiser_client: LogIn) -> None:
    client = organiser_client("Organisers")
    hand_over = prepare(client, parliament)
    package_of(client, hand_over)
    assert record(client, hand_over).status_code == 302
    factories.make_signature(parliament.petition)
    exported = content_of(order_list(client, parliament))
    assert "changed, or it was never handed over" in told_of(exported, parliament.petition)


@LANGUAGES
def test_the_field_for_the_goal_explains_the_next_step_that_the_public_page_shows(
    parliament: Recipient, organiser_client: LogIn, language: str
) -> None:
    petition = parliament.petition
    Petition.objects.filter(pk=petition.pk).update(goal=1000)
    said = (
        "The public page shows the next step on the way: 100, 250, 500, 1,000, 2,500 and so on. Your goal stands there"
        " once it is nearer than the next of these; after it they go on. May stay empty."
    )
    page = read(organiser_client("Editors"), desk.change_path(petition), **{"accept-language": language})
    assert in_language(said, language) in words(page)
    assert ">100</strong>" in read(Client(), page_of(petition, language=language))


def test_whoever_records_a_hand_over_is_told_that_the_public_page_takes_seconds(
    parliament: Recipient, organiser_client: LogIn
) -> None:
    client = organiser_client("Organisers")
    hand_over = prepare(client, parliament)
    package_of(client, hand_over)
    record(client, hand_over)
    assert "The public page lists this hand-over within seconds." in words(read(client, delivery_path(hand_over)))


def test_the_guide_names_every_file_of_a_hand_over(parliament: Recipient, organiser_client: LogIn) -> None:
    client = organiser_client("Organisers")
    files = unpacked(package_of(client, prepare(client, parliament, with_workbook="on", with_document="on")))
    named = {name for row in rows_of_tables() for name in re.findall(r"`([^`]+)`", row)}
    assert named == files.keys()
