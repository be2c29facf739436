"""When a petition can be signed: it says so in words and hours, everywhere alike, before, during and afterwards."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from signatures.models import Petition, Tally
from signatures.publishing import sharing
from signatures.publishing.pictures import card_png
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.desk import change_path, errors_on, preview_path, save, shown_form
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import field_value, page_of, read, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
OPENED, SINCE = "Opened on", "Counted here since"
pytestmark = pytest.mark.django_db


def in_days(days: float) -> datetime:
    """Return a whole minute so many days from now."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=days)


def told(instant: datetime, language: str = "en") -> str:
    """Return an instant as pages say it."""
    with translation.override(language):
        return date_format(instant, "j E Y года, H:i" if language == "ru" else "j E Y, H:i")


def can_sign(instant: datetime, language: str = "en") -> str:
    """Return the sentence on an opening that is to come."""
    with translation.override(language):
        return words(gettext("You can sign from %(instant)s UTC.") % {"instant": told(instant, language)})


def opens(petition: Petition, opens_at: datetime, **values: Any) -> None:
    """Move a petition's opening."""
    Petition.objects.filter(pk=petition.pk).update(opens_at=opens_at, **values)


def listed(language: str = "en") -> list[str]:
    """Return what the list of petitions says of each, as a visitor of a fresh process reads it."""
    page = read(Client(), f"/{language}/")
    return [words(entry) for entry in re.findall(r'<article class="entry">(.*?)</article>', page, re.DOTALL)]


def described(petition: Petition) -> set[str]:
    """Return what other sites are told to show beside a link to a petition."""
    page = read(Client(), page_of(petition))
    found = re.findall(r'<meta (?:name="description"|property="og:description")\s+content="([^"]*)"', page)
    return {words(html.unescape(text)) for text in found}


def api(petition: Petition) -> dict[str, Any]:
    """Return what programs are told."""
    data: dict[str, Any] = Client().get(f"/api/petitions/{petition.slug}.json").json()
    return data


@LANGUAGES
def test_one_that_opens_later_is_told_as_such_in_words_and_hours(petition: Petition, language: str) -> None:
    opens_at = in_days(26)
    opens(petition, opens_at)
    page = words(read(Client(), page_of(petition, language=language)))
    assert can_sign(opens_at, language) in page
    assert OPENED not in page
    assert SINCE not in page
    # Nobody is told of a number that cannot move yet.
    assert "Fewer than ten so far" not in page


def test_with_a_closing_time_both_hours_are_told(petition: Petition) -> None:
    opens_at, closes_at = in_days(2), in_days(40)
    opens(petition, opens_at, closes_at=closes_at)
    page = words(read(Client(), page_of(petition)))
    assert f"You can sign from {told(opens_at)} UTC to {told(closes_at)} UTC." in page
    opens(petition, in_days(-2))
    assert f"Open until {told(closes_at)} UTC." in words(read(Client(), page_of(petition)))


def test_seconds_never_tell_an_hour_at_which_nobody_can_sign_yet(petition: Petition) -> None:
    whole = in_days(3)
    opens(petition, whole + timedelta(seconds=1))
    assert f"You can sign from {told(whole + timedelta(minutes=1))} UTC." in words(read(Client(), page_of(petition)))


def test_page_list_api_sitemap_and_descriptions_agree(petition: Petition) -> None:
    opens_at = in_days(26)
    for now, phase in ((opens_at, "UPCOMING"), (in_days(-1), "OPEN")):
        opens(petition, now)
        sentence = can_sign(now)
        assert api(petition)["status"] == phase
        for text in (words(read(Client(), page_of(petition))), *listed(), *described(petition)):
            assert (sentence in text) == (phase == "UPCOMING")
        assert described(petition) == {
            f"{sentence} We ask for freedom." if phase == "UPCOMING" else "We ask for freedom."
        }
    opens(petition, in_days(-30), closes_at=in_days(-2))
    assert api(petition)["status"] == "CLOSED"
    assert "This petition is closed" in words(read(Client(), page_of(petition)))
    for text in (words(read(Client(), page_of(petition))), *listed()):
        assert f"Closed on {told(in_days(-2))} UTC." in text
    assert described(petition) == {"We ask for freedom."}


def test_the_list_names_open_ones_first_and_calls_no_other_open(petition: Petition) -> None:
    later = factories.make_petition(title_en="Later")
    over = factories.make_petition(title_en="Over")
    closed = factories.make_petition(title_en="Closed by hand", status="CLOSED")
    opens(later, in_days(5))
    opens(over, in_days(-5), closes_at=in_days(-4))
    begin = ["Freedom for all Open", "Later Opens later", "Over Closed", "Closed by hand Closed"]
    assert [text[: len(title)] for text, title in zip(listed(), begin, strict=True)] == begin
    Petition.objects.filter(pk=closed.pk).update(closes_at=in_days(4))
    open_now, upcoming, _over, by_hand = listed()
    assert "You can sign" not in open_now
    assert "Fewer than ten so far" not in upcoming
    # Its closing time has not come: it would be wrong to tell it.
    assert "Closed on" not in by_hand


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_share_picture_says_so_and_is_kept_no_longer_than_it_is_true(
    petition: Petition, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    drawn: list[str] = []

    def draw(title: str, by: str, site: str, course: str, photograph: bytes) -> bytes:
        drawn.append(words(course))
        return card_png(title, by, site, course, photograph)

    monkeypatch.setattr(sharing, "card_png", draw)
    path = page_of(petition, "card", language)
    plain = Client().get(path)
    assert plain["Cache-Control"] == "public, max-age=3600, s-maxage=3600"
    opens_at = in_days(26)
    opens(petition, opens_at)
    later = Client().get(path)
    assert later["Cache-Control"] == "public, max-age=60, s-maxage=60"
    opens(petition, in_days(-1), closes_at=datetime.now(UTC) + timedelta(seconds=90))
    closing = re.findall(r"max-age=(\d+)", Client().get(path)["Cache-Control"])
    assert all(80 <= int(seconds) <= 90 for seconds in closing)
    Petition.objects.update(status="CLOSED")
    over = Client().get(path)
    assert len({plain.content, later.content, over.content}) == 3
    assert drawn[0] == drawn[2] == ""
    assert drawn[1] == can_sign(opens_at, language)
    if language == "en":
        assert drawn[3] == "This petition is closed and takes no more signatures."


def test_another_opening_has_another_picture_for_sites_that_keep_pictures(petition: Petition) -> None:
    addresses = []
    for opens_at in (in_days(5), in_days(6), in_days(-1)):
        opens(petition, opens_at)
        found = re.search(r'og:image" content="http://testserver([^"]+)"', read(Client(), page_of(petition)))
        assert found is not None
        assert Client().get(html.unescape(found[1]))["Content-Type"] == "image/png"
        addresses.append(found[1])
    assert len(set(addresses)) == 3
    assert addresses[-1] == page_of(petition, "card")


@LANGUAGES
def test_whoever_sends_the_form_too_early_is_told_when_and_keeps_what_was_typed(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    opens_at = in_days(1)
    opens(petition, opens_at)
    before = rows_per_table()
    answer = factories.sign(visitor, petition, language, name="Ян Кот", email="jan@example.org")
    assert answer.status_code == 410
    assert answer["Cache-Control"] == "no-store"
    assert {table for table in rows_written(before) if table != "signatures_ratelimit"} == set()
    assert field_value(answer, "name") == "Ян Кот"
    assert field_value(answer, "email") == "jan@example.org"
    assert can_sign(opens_at, language) in words(answer)
    if language == "en":
        assert "Nothing of what you sent was stored." in words(answer)
    # Sent again once it is open, what still stands in the form is taken.
    opens(petition, in_days(-1))
    sent = factories.sign(
        Client(headers={"sec-fetch-site": "same-origin"}), petition, language, email="jan@example.org"
    )
    assert sent.status_code == 303
    assert code_in(mailbox.deliver()[0])


def test_opening_and_counting_are_told_apart_only_where_they_differ(petition: Petition) -> None:
    page = words(read(Client(), page_of(petition)))
    assert f"{OPENED} 1 January 2011." in page
    assert SINCE in page
    for opens_at in (petition.created_at, in_days(0)):
        opens(petition, opens_at)
        page = words(read(Client(), page_of(petition)))
        assert OPENED in page
        assert SINCE not in page
    # A draft that was written long before: nobody was counted then.
    opens(petition, in_days(-2))
    Petition.objects.update(created_at=in_days(-90))
    assert SINCE not in words(read(Client(), page_of(petition)))


def test_the_sitemap_tells_of_no_change_that_is_still_to_come(petition: Petition) -> None:
    for opens_at, closes_at in ((in_days(9), in_days(12)), (in_days(0), in_days(12)), (in_days(-9), in_days(0))):
        opens(petition, opens_at, closes_at=closes_at)
        found = re.findall(r"<lastmod>(.*?)</lastmod>", Client().get("/sitemap.xml").content.decode())
        assert set(found) == {f"{datetime.now(UTC):%Y-%m-%d}"}


def test_the_desk_says_what_it_is_now_and_shows_the_hour_by_utc(petition: Petition, organiser: Client) -> None:
    opens(petition, in_days(9))
    page = words(read(organiser, "/admin/signatures/petition/"))
    assert "Opens later" in page
    assert "By UTC it is" in words(read(organiser, change_path(petition)))
    preview = words(read(organiser, preview_path(petition, "en")))
    assert f"You can sign from {told(in_days(9))} UTC." in preview
    assert OPENED not in preview


def test_an_opening_is_moved_until_somebody_has_signed(petition: Petition, organiser: Client, visitor: Client) -> None:
    later = {"opens_at_0": f"{in_days(9):%Y-%m-%d}", "opens_at_1": "18:00:00"}
    form = shown_form(organiser, change_path(petition))
    assert save(organiser, change_path(petition), form | later).status_code == 302
    assert api(petition)["status"] == "UPCOMING"
    assert save(organiser, change_path(petition), form).status_code == 302
    assert factories.sign(visitor, petition).status_code == 303
    assert Tally.objects.exists()
    refused = save(organiser, change_path(petition), form | later)
    assert any("cannot open later" in error for error in errors_on(refused))
    assert api(petition)["status"] == "OPEN"
