"""Others show the number of a petition as a picture: a badge on their sites, and the share picture in messengers."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from PIL import Image

from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.publishing import sharing
from signatures.publishing.pictures import BADGE_SHOWN, BADGE_SIZE
from tests.support import factories
from tests.support.page_reading import page_of, read
from tests.support.releases import release, sign_hidden

PROTECTIONS = pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
Drawn = Callable[..., bytes]
pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """Note what is written onto each picture, which is drawn all the same."""
    noted: dict[str, tuple[str, ...]] = {}

    def noting(name: str, draw: Drawn) -> Drawn:
        def wrapper(*words: str) -> bytes:
            noted[name] = tuple(word.replace("\N{NO-BREAK SPACE}", " ") for word in words if isinstance(word, str))
            return draw(*words)

        return wrapper

    for name in ("badge_png", "card_png"):
        monkeypatch.setattr(sharing, name, noting(name, getattr(sharing, name)))
    return noted


def look(petition: Petition, name: str = "badge", language: str = "en") -> bytes:
    """Ask a process that has kept nothing for a picture."""
    response = Client().get(page_of(petition, name, language))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    return response.content


@PROTECTIONS
def test_fewer_than_ten_is_said_in_words_and_ten_as_released_or_live(
    protection: str, drawn: dict[str, tuple[str, ...]]
) -> None:
    petition = factories.make_petition(protection=protection)
    sign_hidden(petition, 9)
    look(petition)
    assert drawn["badge_png"][1:3] == ("", "Fewer than ten so far")
    sign_hidden(petition, 1)
    look(petition)
    assert drawn["badge_png"][1:3] == {
        "GUARDED": ("", "Fewer than ten so far"),
        "ORDINARY": ("10", "signatures confirmed"),
    }[protection]
    assert release(petition)
    sign_hidden(petition, 1)
    look(petition)
    assert drawn["badge_png"][1] == {"GUARDED": "10", "ORDINARY": "11"}[protection]


def test_it_speaks_the_language_of_its_address(ordinary: Petition, drawn: dict[str, tuple[str, ...]]) -> None:
    sign_hidden(ordinary, 21)
    look(ordinary, language="ru")
    assert drawn["badge_png"] == ("Свободу всем", "21", "подпись подтверждена", "localhost:8000")


def test_one_persons_signature_does_not_change_the_badge_of_a_guarded_petition(petition: Petition) -> None:
    sign_hidden(petition, 12)
    assert release(petition)
    before = look(petition)
    sign_hidden(petition, 1)
    assert look(petition) == before


def test_before_the_opening_it_says_when_and_after_the_end_that_it_is_closed(
    ordinary: Petition, drawn: dict[str, tuple[str, ...]]
) -> None:
    sign_hidden(ordinary, 12)
    Petition.objects.update(opens_at=datetime(2061, 1, 1, 12, tzinfo=UTC))
    look(ordinary)
    assert drawn["badge_png"][1:3] == ("", "You can sign from 1 January 2061, 12:00 UTC.")
    Petition.objects.update(opens_at=datetime(2011, 1, 1, tzinfo=UTC), status=PetitionStatus.CLOSED)
    look(ordinary)
    assert drawn["badge_png"][1:] == ("12", "signatures confirmed", "Closed")


@PROTECTIONS
def test_other_sites_may_show_it_and_it_sets_nothing(protection: str) -> None:
    petition = factories.make_petition(protection=protection)
    response = Client().get(page_of(petition, "badge"), headers={"sec-fetch-site": "cross-site"})
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Cache-Control"] == "max-age=2, public, s-maxage=5"
    assert not response.cookies
    assert Client().get(page_of(petition, "badge"), headers={"if-none-match": response.headers["ETag"]}).status_code == 304
    image = Image.open(io.BytesIO(response.content))
    assert (image.format, image.size) == ("PNG", BADGE_SIZE)
    assert BADGE_SIZE == tuple(2 * side for side in BADGE_SHOWN)
    assert len(response.content) < 16_384


def test_a_draft_has_no_badge() -> None:
    assert Client().get(page_of(factories.make_petition(publish=False), "badge")).status_code == 404


def test_the_share_picture_of_an_ordinary_petition_says_how_many_by_which_day(
    ordinary: Petition, drawn: dict[str, tuple[str, ...]]
) -> None:
    sign_hidden(ordinary, 9)
    look(ordinary, "card")
    assert drawn["card_png"][3] == ""
    sign_hidden(ordinary, 2)
    look(ordinary, "card")
    now = datetime.now(UTC)
    assert drawn["card_png"][3] == f"11 signatures by {now.day} {now:%B %Y}"
    assert f"card.png?day={now:%Y-%m-%d}" in read(Client(), page_of(ordinary))
    headers = Client().get(page_of(ordinary, "card")).headers
    assert headers["Cache-Control"] == "public, max-age=60, s-maxage=60"
    Petition.objects.update(status=PetitionStatus.CLOSED)
    look(ordinary, "card")
    assert "closed" in drawn["card_png"][3]
    assert "card.png?" not in read(Client(), page_of(ordinary))


def test_the_share_picture_of_a_guarded_petition_tells_no_number(
    petition: Petition, drawn: dict[str, tuple[str, ...]]
) -> None:
    sign_hidden(petition, 30)
    assert release(petition, timedelta(hours=1))
    look(petition, "card")
    assert drawn["card_png"][3] == ""
    assert "card.png?" not in read(Client(), page_of(petition))
