"""The desk's page that passes a petition on, and what it gives away, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from signatures.models import Petition
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_first_page_of_the_desk import RULES
from tests.support import factories
from tests.support.page_reading import page_of
from tests.support.releases import release, sign_hidden

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def petition(transactional_db: None) -> Petition:
    """Return a petition whose signers can be punished, with a number that is told."""
    petition = factories.make_petition()
    sign_hidden(petition, 12)
    assert release(petition)
    return petition


def at_the_desk(open_window: OpenWindow, width: int = 1280) -> Window:
    """Return a window in which somebody is logged in."""
    client = Client()
    client.force_login(factories.make_organiser())
    window = open_window(width=width)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{window.url}/admin/"}])
    return window


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (768, "dark"), (1280, "light")])
def test_the_page_breaks_no_rule_of_wcag_and_nothing_sticks_out(
    petition: Petition, open_window: OpenWindow, width: int, scheme: Literal["light", "dark"]
) -> None:
    window = at_the_desk(open_window, width)
    window.page.emulate_media(color_scheme=scheme)
    assert window.open(f"/admin/signatures/petition/{petition.pk}/link/") == 200
    assert not window.scrolls_sideways()
    badges = window.page.locator("img.badge")
    assert badges.count() == 2
    assert badges.first.evaluate("one => one.complete && one.naturalWidth") == 640
    # Before the rules are looked at: what looks at them is stopped by the policy.
    assert window.real_problems() == []
    found = Axe().run(window.page, options=RULES).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []


def test_what_is_pasted_into_another_page_is_one_picture_that_leads_to_the_petition(
    petition: Petition, open_window: OpenWindow, tmp_path: Path
) -> None:
    desk = at_the_desk(open_window)
    desk.open(f"/admin/signatures/petition/{petition.pk}/link/")
    snippet = desk.page.locator("#badge-en").input_value()
    other = tmp_path / "other.html"
    other.write_text(f"<!doctype html><title>Another site</title><p>{snippet}</p>", encoding="utf-8")
    reader = open_window()
    reader.page.goto(other.as_uri())
    picture = reader.page.locator("img")
    assert picture.evaluate("one => one.complete && one.naturalWidth") == 640
    assert [url for url in reader.requests if url.startswith("http")] == [f"{reader.url}{page_of(petition, 'badge')}"]
    assert reader.context.cookies() == []
    picture.click()
    reader.page.wait_for_url(f"{reader.url}{page_of(petition)}")
    assert reader.real_problems() == []
