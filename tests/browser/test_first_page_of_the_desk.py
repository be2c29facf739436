"""The first page of the desk can be read and used by everybody, also with all that is folded opened."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from signatures.models import Petition, Signature
from signatures.models.choices import NameReview
from tests.browser.conftest import OpenWindow
from tests.support import factories
from tests.support.every_page import make_full_petition

pytestmark = pytest.mark.django_db(transaction=True)
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.fixture
def session(transactional_db: None) -> Client:
    """Return an administrator at a desk where much is going on, and one petition has only begun."""
    client = Client()
    client.force_login(factories.make_organiser())
    full = make_full_petition(client)
    for number in range(2):
        factories.make_signature(full, state="HELD", state_reason="SUSPICIOUS", country=("PL", "LT")[number])
        factories.make_signature(factories.make_petition())
    waiting = factories.make_signature(full, visibility="PUBLIC")
    Signature.objects.filter(pk=waiting.pk).update(name_review=NameReview.WAITING)
    Petition.objects.create(slug="empty", title_en="A petition that has only begun")
    return client


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (768, "dark"), (1280, "light")])
def test_nothing_on_the_cards_breaks_a_rule_of_wcag_or_sticks_out(
    session: Client, open_window: OpenWindow, width: int, scheme: Literal["light", "dark"]
) -> None:
    window = open_window(width=width)
    cookie = session.cookies[settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{window.url}/admin/"}])
    window.page.emulate_media(color_scheme=scheme)
    assert window.open("/admin/") == 200
    assert window.page.locator("article.campaign").count() == 4
    assert not window.scrolls_sideways()
    window.unfold()
    assert not window.scrolls_sideways()
    found = Axe().run(window.page, context=".desk", options=RULES).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    heights = window.page.evaluate("[...document.querySelectorAll('.bars span')].map(one => one.offsetHeight)")
    assert max(heights) > 50
    assert window.real_problems() == []
