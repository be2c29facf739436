"""Somebody puts a petition online from pasted texts in two languages, and the presses are counted."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db(transaction=True)
PRESSES_MAX = 8
PASTED = {
    "title": ("Save the old park", "Спасите старый парк"),
    "summary": ("We ask the town council to keep the park.", "Мы просим городской совет сохранить парк."),
    "body": ("The park is **a hundred years** old.\n\n1. Keep it.", "Парку **сто лет**.\n\n1. Сохраните его."),
    "responsible_body": ("Friends of the park", "Друзья парка"),
}


class Hand:
    """Presses what an organiser would, and counts how often."""

    def __init__(self, window: Window) -> None:
        """Begin to count."""
        self.window, self.page, self.presses = window, window.page, 0

    def press(self, selector: str) -> None:
        """Press the first thing that matches, and wait for the page that it leads to."""
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()
        self.presses += 1
        assert self.page.locator(".errornote, .errorlist, .messagelist .error").count() == 0, "a refusal"
        assert not self.window.scrolls_sideways(), self.page.url


@pytest.mark.parametrize(
    ("desk", "width", "scripts"), [("en", 1280, True), ("ru", 360, True), ("ru", 1280, False), ("en", 360, False)]
)
def test_pasted_texts_in_two_languages_are_online_within_eight_presses(
    open_window: OpenWindow, desk: str, width: int, scripts: bool
) -> None:
    organiser = factories.make_organiser("Organisers", language=desk)
    client = Client()
    client.force_login(organiser)
    window = open_window(width=width, scripts=scripts)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{window.url}/admin/"}])
    window.open("/admin/")
    hand, page = Hand(window), window.page
    hand.press("a.main-button")
    hand.press('a[href="?protection=ORDINARY"]')
    for part, pair in PASTED.items():
        for language, text in zip(("en", "ru"), pair, strict=True):
            page.fill(f"[name={part}_{language}]", text)
    for language, name in (("en", "Town council"), ("ru", "Городской совет")):
        page.fill(f"[name=recipients-0-name_{language}]", name)
    page.select_option("[name=recipients-0-profile]", "TOTALS")
    hand.presses += 1
    page.fill("[name=contact]", "friends@park.test.com")
    hand.press("input[name=_look]")
    assert "/online/" in page.url
    assert page.locator(".point-missing, .point-doubt").count() == 0
    petition = Petition.objects.get()
    for language, title in zip(("en", "ru"), PASTED["title"], strict=True):
        hand.press(f'a[href$="/preview/{language}/"]')
        assert title in page.locator("h1").inner_text()
    hand.press(".notice .back")
    hand.press("form .default[type=submit]")
    assert hand.presses <= PRESSES_MAX
    with translation.override(desk):
        assert page.locator("h1").inner_text() == gettext("It is online")
    for language in ("en", "ru"):
        link = page.input_value(f"#link-{language}")
        assert link == f"{window.url}{page_of(petition, language=language)}"
        assert link in page.input_value(f"#text-{language}")
    assert page.locator("img").evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    petition.refresh_from_db()
    assert (petition.status, petition.slug) == (PetitionStatus.OPEN, "save-the-old-park")
    assert window.open(page_of(petition, language="ru")) == 200
    assert window.real_problems() == []


def test_a_link_on_the_list_leads_into_the_very_field(open_window: OpenWindow) -> None:
    client = Client()
    client.force_login(factories.make_organiser("Organisers"))
    petition = factories.make_petition(publish=False, summary_ru="", contact="")
    window = open_window()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{window.url}/admin/"}])
    for field in ("summary_ru", "contact"):
        window.open(f"/admin/signatures/petition/{petition.pk}/online/")
        window.page.locator(f'.caution a[href$="#id_{field}"]').click()
        window.page.wait_for_load_state()
        assert window.page.evaluate("document.activeElement.name") == field
