"""What is typed from paper is text, whoever wrote it there, and whatever is sent in place of a number or a country."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.models import Petition, Signature
from tests.support.attacks.hostile_values import PAYLOADS, harmless
from tests.support.page_reading import read
from tests.support.sheets import (
    ROWS,
    bundle_form,
    bundle_path,
    count_only,
    file_path,
    make_sheets,
    paper_path,
    settle,
    sheet_path,
    type_sheet,
)
from tests.support.two_people import somebody

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
each_payload = pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))


@each_payload
def test_what_a_bundle_is_called_is_text_on_pages_and_in_print(
    payload: str, petition: Petition, organiser_client: LogIn
) -> None:
    client = organiser_client("Organisers")
    answer = client.post(paper_path(petition), bundle_form(label=payload), follow=True)
    harmless(answer, "bundle")
    harmless(client.get(paper_path(petition)), "paper")
    bundle = petition.bundles.get()
    assert client.get(file_path(bundle)).content.startswith(b"%PDF-")


@each_payload
def test_what_is_typed_of_a_sheet_is_text(payload: str, petition: Petition, organiser_client: LogIn) -> None:
    (sheet,) = make_sheets(petition)
    client = organiser_client("Organisers")
    harmless(client.post(paper_path(petition), {"sheet": payload}, follow=True), "number")
    harmless(type_sheet(client, sheet, [("PUBLIC", payload, payload)], filled=payload), "country")
    harmless(count_only(client, sheet, 3, country=payload), "country of a number")
    assert not Signature.objects.exists()
    answer = type_sheet(client, sheet, [("PUBLIC", payload[:120], "PL")])
    if answer.status_code == 422:
        harmless(answer, "name")
    else:
        harmless(client.get(sheet_path(sheet)), "sheet")
        harmless(client.get(bundle_path(sheet.bundle)), "bundle")


@each_payload
def test_where_paper_lies_is_text(payload: str, petition: Petition, organiser_client: LogIn) -> None:
    (sheet,) = make_sheets(petition)
    client = organiser_client("Organisers")
    count_only(client, sheet, 3, place=payload)
    assert Signature.objects.count() == 3
    harmless(client.get(sheet_path(sheet)), "place")


@each_payload
def test_what_two_people_read_differently_is_text(payload: str, petition: Petition) -> None:
    (sheet,) = make_sheets(petition, two_people=True)
    (_one, first), (_two, second) = somebody("Organisers"), somebody("Organisers")
    type_sheet(first, sheet, ROWS)
    type_sheet(second, sheet, [("PUBLIC", payload[:120], "PL"), *ROWS[1:]])
    harmless(second.get(sheet_path(sheet)), "readings")
    harmless(second.post(sheet_path(sheet), {"action": "settle", "seen": payload, "1": payload}), "what was seen")
    assert not Signature.objects.exists()
    settle(second, sheet, **{"1": "first"})
    assert "Пушкін" in read(second, sheet_path(sheet))
