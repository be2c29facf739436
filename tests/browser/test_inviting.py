"""A colleague is invited to one petition with three clicks, and comes in by the link, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import translation
from django.utils.translation import gettext
from pytest_django import Settings

from signatures.models import Membership
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.offered_languages import offer_languages
from tests.support.people import PASSWORD


def clicking(window: Window) -> Callable[[str], None]:
    """Return what clicks on something and counts the clicks."""

    def click(selector: str) -> None:
        window.page.locator(selector).first.click()
        window.page.wait_for_load_state()

    return click


def log_in(window: Window, username: str, password: str) -> None:
    """Fill in the login form that is open."""
    window.page.locator("input[name=username]").fill(username)
    window.page.locator("input[name=password]").fill(password)
    window.page.locator("input[type=submit]").click()
    window.page.wait_for_load_state()


@pytest.mark.parametrize("language", ["en", "be"])
def test_three_clicks_invite_a_colleague_who_then_works_on_this_petition(
    transactional_db: None, open_window: OpenWindow, settings: Settings, language: str
) -> None:
    offer_languages(settings, "en", "ru", "be")
    petition = factories.make_petition()
    role = factories.role_of("Editors")
    chief = factories.make_organiser("Administrators", language=language)
    window = open_window(width=360)
    window.open("/admin/login/?next=/admin/")
    log_in(window, chief.username, factories.PASSWORD)
    clicks = [
        f'article a[href="/admin/signatures/petition/{petition.pk}/people/"]',
        f"#invite-form input[name=role][value='{role.pk}']",
        "#invite-form input[type=submit]",
    ]
    click = clicking(window)
    click(clicks[0])
    assert not window.scrolls_sideways()
    window.page.locator("#invite-form input[name=username]").fill("Алеся")
    for selector in clicks[1:]:
        click(selector)
    assert not window.scrolls_sideways()
    link = window.page.locator(".link-to-pass-on").inner_text().strip()
    member = Membership.objects.get(petition=petition)
    assert (member.organiser.username, member.role.name, member.organiser.language) == ("Алеся", "Editors", language)

    hers = open_window(width=360)
    assert hers.open(re.sub(r"^https?://[^/]+", "", link)) == 200
    assert not hers.scrolls_sideways()
    for name in ("new_password1", "new_password2"):
        hers.page.locator(f"input[name={name}]").fill(PASSWORD)
    clicking(hers)("main input[type=submit]")
    with translation.override(language):
        assert gettext("Your password is set. Log in with it now.") in hers.page.inner_text("body")
    log_in(hers, "Алеся", PASSWORD)
    assert hers.open(f"/admin/signatures/petition/{petition.pk}/change/") == 200
    assert not hers.scrolls_sideways()
    assert hers.open("/admin/signatures/organiser/") == 403
