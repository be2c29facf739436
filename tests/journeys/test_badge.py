"""Others show the number of a petition as a picture: a badge on their sites, and the share picture in messengers."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format
from PIL import Image

from signatures.models import Petition
from signatures.models.choices import PetitionStatus, Phase
from signatures.publishing.pictures import BADGE_SHOWN, BADGE_SIZE, badge_png, card_png
from signatures.texts.petition_state import signing_period
from tests.support import factories
from tests.support.page_reading import page_of, read
from tests.support.releases import release, sign_hidden

PROTECTIONS = pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
TITLE, HOST = "Freedom for all", "testserver"
FEW = badge_png(TITLE, "", "Fewer than ten so far", HOST)
pytestmark = pytest.mark.django_db


def look(petition: Petition, name: str = "badge", language: str = "en") -> bytes:
    """Ask a process that has kept nothing for a picture."""
    response = Client().get(page_of(petition, name, language))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    return response.content


def badge(count: int, foot: str = HOST) -> bytes:
    """Return the badge that tells a number."""
    return badge_png(TITLE, str(count), "people have signed", foot)


def card(notice: str) -> bytes:
    """Return the share picture with a sentence."""
    return card_png(TITLE, "Run by the group.", HOST, notice)


@PROTECTIONS
def test_fewer_than_ten_is_said_in_words_and_ten_as_released_or_live(protection: str) -> None:
    petition = factories.make_petition(protection=protection)
    sign_hidden(petition, 9)
    assert look(petition) == FEW
    sign_hidden(petition, 1)
    assert look(petition) == {"GUARDED": FEW, "ORDINARY": badge(10)}[protection]
    assert release(petition)
    sign_hidden(petition, 1)
    assert look(petition) == {"GUARDED": badge(10), "ORDINARY": badge(11)}[protection]


def test_it_speaks_the_language_of_its_address(ordinary: Petition) -> None:
    sign_hidden(ordinary, 21)
    assert look(ordinary, language="ru") == badge_png("Свободу всем", "21", "человек подписал", HOST)


def test_before_the_opening_it_says_when_and_after_the_end_that_it_is_closed(ordinary: Petition) -> None:
    sign_hidden(ordinary, 12)
    opening = datetime(2061, 1, 1, 12, tzinfo=UTC)
    Petition.objects.update(opens_at=opening)
    with translation.override("en"):
        when = signing_period(Phase.UPCOMING, opening, None)
    assert look(ordinary) == badge_png(TITLE, "", when, HOST)
    Petition.objects.update(opens_at=datetime(2011, 1, 1, tzinfo=UTC), status=PetitionStatus.CLOSED)
    assert look(ordinary) == badge(12, "Closed")


@PROTECTIONS
def test_other_sites_may_show_it_and_it_sets_nothing(protection: str) -> None:
    petition = factories.make_petition(protection=protection)
    path = page_of(petition, "badge")
    response = Client().get(path, headers={"sec-fetch-site": "cross-site"})
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Cache-Control"] == "public, max-age=2, s-maxage=5"
    assert not response.cookies
    assert Client().get(path, headers={"if-none-match": response.headers["ETag"]}).status_code == 304
    image = Image.open(io.BytesIO(response.content))
    assert (image.format, image.size) == ("PNG", BADGE_SIZE)
    assert tuple(2 * side for side in BADGE_SHOWN) == BADGE_SIZE
    assert len(response.content) < 16_384


@pytest.mark.parametrize("title", ["Ж" * 160, "Свободу политическим заключённым и их семьям " * 3])
@pytest.mark.parametrize(
    ("figure", "words"), [("1 234 567 890", "подписей подтверждено"), ("", "Подписать можно с 1 января 2061 года " * 2)]
)
def test_nothing_leaves_the_badge(title: str, figure: str, words: str) -> None:
    image = Image.open(io.BytesIO(badge_png(title, figure, words, "a-long-name-of-a-site.example.org" * 3)))
    width, height = BADGE_SIZE
    assert image.crop((width - 24, 2, width - 2, height - 2)).convert("L").getextrema() == (255, 255)


def test_a_draft_has_no_badge() -> None:
    assert Client().get(page_of(factories.make_petition(publish=False), "badge")).status_code == 404


def test_the_share_picture_of_an_ordinary_petition_says_how_many_by_which_day(ordinary: Petition) -> None:
    sign_hidden(ordinary, 9)
    assert look(ordinary, "card") == card("")
    sign_hidden(ordinary, 2)
    now = datetime.now(UTC)
    with translation.override("en"):
        day = date_format(now, "DATE_FORMAT")
    assert look(ordinary, "card") == card(f"11 signatures by {day}")
    assert f"card.png?day={now:%Y-%m-%d}" in read(Client(), page_of(ordinary))
    headers = Client().get(page_of(ordinary, "card")).headers
    assert headers["Cache-Control"] == "public, max-age=60, s-maxage=60"
    Petition.objects.update(status=PetitionStatus.CLOSED)
    assert look(ordinary, "card") == card("This petition is closed and takes no more signatures.")
    assert "card.png?" not in read(Client(), page_of(ordinary))


def test_the_share_picture_of_a_guarded_petition_tells_no_number(petition: Petition) -> None:
    sign_hidden(petition, 30)
    assert release(petition, timedelta(hours=1))
    assert look(petition, "card") == card("")
    assert "card.png?" not in read(Client(), page_of(petition))
