"""What other sites may read of a petition, as JSON and as a table, and as it is documented."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from signatures.models import Petition, Release
from signatures.models.choices import Visibility
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of, read
from tests.support.releases import release, sign_hidden

pytestmark = pytest.mark.django_db


def read_api(petition: Petition) -> dict[str, Any]:
    """Ask a process that has kept nothing."""
    response = Client().get(f"/api/petitions/{petition.slug}.json")
    assert response.status_code == 200
    data: dict[str, Any] = response.json()
    return data


def test_it_says_titles_dates_and_the_newest_text(petition: Petition) -> None:
    Petition.objects.update(closes_at=datetime(2061, 1, 1, 12, tzinfo=UTC))
    factories.publish_next(petition)
    assert read_api(petition) == {
        "api_version": 1,
        "slug": petition.slug,
        "status": "OPEN",
        "titles": {"en": "Freedom for all", "ru": "Свободу всем"},
        "text_version": 2,
        "opens_at": "2011-01-01T00:00:00Z",
        "closes_at": "2061-01-01T12:00:00Z",
        "signature_count": None,
        "split_as_of": None,
        "by_country": {},
        "by_language": {},
    }


def test_every_site_may_ask_and_nobody_gets_a_cookie(petition: Petition) -> None:
    response = Client().get(f"/api/petitions/{petition.slug}.json", headers={"origin": "https://other.example"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response["Content-Type"] == "application/json"
    assert not response.cookies
    assert Client().post(f"/api/petitions/{petition.slug}.json").status_code in {403, 405}


def test_the_count_of_an_ordinary_petition_is_live(visitor: Client, mailbox: Mailbox) -> None:
    petition = factories.make_petition(protection="ORDINARY")
    factories.make_signature(petition)
    factories.sign(visitor, petition)
    assert read_api(petition)["signature_count"] == 1
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    assert read_api(petition)["signature_count"] == 2


@pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
def test_the_split_is_that_of_the_newest_release(protection: str) -> None:
    petition = factories.make_petition(protection=protection)
    sign_hidden(petition, 28, country="PL")
    assert release(petition)
    sign_hidden(petition, 12, country="LT")
    data = read_api(petition)
    assert data["signature_count"] == {"GUARDED": 28, "ORDINARY": 40}[protection]
    assert data["by_country"] == {"PL": 28}
    assert data["by_language"] == {"en": 28}
    made_at = Release.objects.get().made_at
    assert data["split_as_of"] == made_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"PL": 9}, {}),
        ({"PL": 4, "DE": 5}, {}),
        ({"PL": 10}, {"PL": 10}),
        ({"PL": 5, "DE": 5}, {}),
        ({"PL": 100, "DE": 9, "LT": 1}, {"PL": 100, "other": 10}),
        ({"PL": 100, "DE": 20, "LT": 9}, {"PL": 100, "other": 29}),
        ({"PL": 100, "LT": 1}, {}),
        ({"PL": 100, "DE": 10, "UA": 30}, {"PL": 100, "UA": 30, "DE": 10}),
    ],
)
def test_no_number_stands_for_fewer_than_ten(protection: str, cells: dict[str, int], shown: dict[str, int]) -> None:
    petition = factories.make_petition(protection=protection)
    for country, amount in cells.items():
        sign_hidden(petition, amount, country=country)
    release(petition)
    assert read_api(petition)["by_country"] == shown
    assert list(read_api(petition)["by_country"]) == list(shown)


def test_a_small_language_is_not_told_apart_either(petition: Petition) -> None:
    sign_hidden(petition, 40)
    sign_hidden(petition, 3, language="ru")
    assert release(petition)
    assert read_api(petition)["by_language"] == {}


def test_it_holds_nothing_of_any_signer(petition: Petition) -> None:
    factories.make_signature(petition, name="Zyzzyva", visibility=Visibility.PUBLIC, country="LT")
    text = Client().get(f"/api/petitions/{petition.slug}.json").content
    assert b"Zyzzyva" not in text
    assert b"LT" not in text


@pytest.mark.parametrize("slug", ["nowhere", "NOWHERE"])
def test_an_unknown_petition_and_a_draft_are_not_there(db: None, slug: str) -> None:
    factories.make_petition(slug="a-draft", publish=False)
    assert Client().get(f"/api/petitions/{slug}.json").status_code == 404
    assert Client().get("/api/petitions/a-draft.json").status_code == 404


def test_a_closed_petition_still_tells_its_count(petition: Petition) -> None:
    sign_hidden(petition, 11)
    assert release(petition)
    Petition.objects.update(status="CLOSED")
    assert (read_api(petition)["status"], read_api(petition)["signature_count"]) == ("CLOSED", 11)


def read_days(petition: Petition) -> list[dict[str, str]]:
    """Ask a process that has kept nothing for the days as a table."""
    response = Client().get(f"/api/petitions/{petition.slug}.csv")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"] == "public, max-age=2, s-maxage=5"
    assert not response.cookies
    return list(csv.DictReader(response.content.decode().splitlines()))


@pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
def test_the_table_has_the_days_of_the_ledger_and_tells_nothing_else(protection: str) -> None:
    petition = factories.make_petition(protection=protection)
    for days in (3, 2, 0):
        sign_hidden(petition, 12)
        assert release(petition, timedelta(days=days))
    sign_hidden(petition, 3)
    days = Client().get(page_of(petition, "ledger_json")).json()["days"]
    assert [day["count"] for day in days] == [12, 24, 36]
    written = [{name: "" if value is None else str(value) for name, value in day.items()} for day in days]
    assert read_days(petition) == written
    assert {row["submitted"] for row in written} == {{"GUARDED": "", "ORDINARY": "0"}[protection]}


def test_before_the_first_release_the_table_has_its_headings_alone(petition: Petition) -> None:
    sign_hidden(petition, 9)
    release(petition)
    assert read_days(petition) == []
    assert Client().get(f"/api/petitions/{petition.slug}.csv").content.startswith(b"day,submitted,expired,confirmed,")
    assert Client().get("/api/petitions/nowhere.csv").status_code == 404
    draft = factories.make_petition(publish=False)
    assert Client().get(f"/api/petitions/{draft.slug}.csv").status_code == 404


def test_the_ledger_leads_to_the_table(petition: Petition) -> None:
    assert f'href="/api/petitions/{petition.slug}.csv"' in read(Client(), page_of(petition, "ledger"))


def test_every_field_is_documented_and_no_other(petition: Petition) -> None:
    document = (Path(settings.BASE_DIR) / "docs/api.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", document, flags=re.MULTILINE)
    fields = {part.partition("\n")[0][:9]: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for part in sections}
    sign_hidden(petition, 12)
    assert release(petition)
    assert fields["The count"] == list(read_api(petition))
    (day,) = read_days(petition)
    ledger = Client().get(page_of(petition, "ledger_json")).json()
    assert fields["The days:"] == [*day, *ledger]
    assert list(ledger["days"][0]) == list(day)
    assert (ledger["api_version"], read_api(petition)["api_version"]) == (1, 1)
