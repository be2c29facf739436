"""The number of a row is written as filters and rules take it, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.models import Batch, Petition
from tests.support import factories
from tests.support.page_reading import read
from tests.support.rules import a_fake, make_crowd, new_path, path_of, preview

pytestmark = pytest.mark.django_db
ROW, RULE = 1_234_567, 7_654_321
LIST = "/admin/signatures/signature/"
GROUPED = ("1,234,567", "7,654,321")


def test_no_number_of_a_row_or_a_rule_has_separators(
    petition: Petition, organiser_client: Callable[[str], Client]
) -> None:
    organiser = organiser_client("Organisers")
    make_crowd(petition, fakes=12, honest=0)
    address = "another@botnet.example"
    factories.make_signature(petition, id=ROW, address=address, visibility="PUBLIC", reason="Why")
    batch = preview(organiser, petition, like=str(a_fake(petition).pk))
    Batch.objects.filter(pk=batch.pk).update(id=RULE)
    batch = Batch.objects.get()
    decide = f"{LIST}{ROW}/decide/"
    told = organiser.post(decide, {"action": "HELD", "state_reason": "SUSPICIOUS"}, follow=True).content.decode()
    pages = {
        "list": read(organiser, LIST),
        "told": told,
        "signature": read(organiser, f"{LIST}{ROW}/change/"),
        "erase": read(organiser, f"{LIST}{ROW}/erase/"),
        "reason": organiser.post(decide, {"action": "ERASE", "seen": "Why"}).content.decode(),
        "rules": read(organiser, f"/admin/signatures/petition/{petition.pk}/rules/"),
        "rule": read(organiser, path_of(batch)),
    }
    assert [name for name, page in pages.items() if any(number in page for number in GROUPED)] == []
    assert [name for name, page in pages.items() if str(ROW) not in page and name != "rules"] == []
    assert f'{new_path(petition)}?like={ROW}"' in pages["signature"]
    assert f'{new_path(petition)}?again={RULE}"' in pages["rule"]
