"""Both second factors can be set up and used on a phone, by keyboard, in each language."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import CDPSession
from pytest_django import Settings

from signatures.models import Organiser, TotpDevice
from signatures.models.choices import AuditAction
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_accessibility import violations
from tests.support.offered_languages import offer_languages
from tests.support.second_factor import PASSWORD, STEP, audited, code_now, new_account, require_factor

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru", "be"])
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
TABS_MAX = 60


@pytest.fixture
def localhost(site: str, settings: Settings) -> Iterator[str]:
    """Return the origin of the site under the only name at which a browser takes passkeys without https."""
    origin = f"http://localhost:{urlsplit(site).port}"
    require_factor(settings)
    offer_languages(settings, "en", "ru", "be")
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    settings.SITE_ORIGIN = origin
    settings.OTP_WEBAUTHN_RP_ID = "localhost"
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [origin]
    caches["ratelimits"].clear()
    yield origin
    caches["ratelimits"].clear()


@pytest.fixture
def phone(open_window: OpenWindow, localhost: str) -> Window:
    """Return a window as wide as a phone."""
    window = open_window(width=360)
    window.url = localhost
    return window


def add_authenticator(window: Window) -> CDPSession:
    """Give the browser a device that holds passkeys and whose owner always agrees."""
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


def press(window: Window, selector: str) -> None:
    """Press something by keyboard alone."""
    for _ in range(TABS_MAX):
        if window.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            window.page.keyboard.press("Enter")
            return
        window.page.keyboard.press("Tab")
    message = f"the keyboard does not reach {selector}"
    raise AssertionError(message)


def fill(window: Window, selector: str, text: str) -> None:
    """Fill in a field by keyboard alone."""
    for _ in range(TABS_MAX):
        if window.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            window.page.keyboard.type(text)
            return
        window.page.keyboard.press("Tab")
    message = f"the keyboard does not reach {selector}"
    raise AssertionError(message)


def log_in(window: Window, path: str = "/admin/alerts/") -> None:
    """Type name and password by keyboard."""
    window.open(f"/admin/login/?next={path}")
    fill(window, "#id_username", "anna")
    fill(window, "#id_password", PASSWORD)
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"**{STEP}**")


def fits(window: Window, language: str) -> None:
    """Check that a page is in the language, as wide as the window, and breaks no rule of WCAG."""
    assert window.page.locator("html").get_attribute("lang") == language
    assert not window.scrolls_sideways(), window.page.url
    window.unfold()
    assert not window.scrolls_sideways(), window.page.url
    problems = list(window.problems)
    assert violations(window) == []
    # What the page is examined with brings styles of its own.
    window.problems[:] = problems


@LANGUAGES
def test_a_passkey_is_added_and_lets_in_on_a_phone_by_keyboard(phone: Window, language: str) -> None:
    anna = new_account()
    Organiser.objects.filter(pk=anna.pk).update(language=language)
    add_authenticator(phone)
    log_in(phone)
    phone.page.wait_for_url("**/second-factor/set-up/**")
    fits(phone, language)
    fill(phone, "#passkey-name", "мой тэлефон")
    press(phone, "form.passkey button")
    phone.page.wait_for_url("**/second-factor/codes/**")
    assert [one.name for one in WebAuthnCredential.objects.filter(user=anna)] == ["мой тэлефон"]
    press(phone, "input.default")
    phone.page.locator(".codes").wait_for()
    assert phone.page.locator(".codes code").count() == 10
    fits(phone, language)
    press(phone, ".ends a.default")
    phone.page.wait_for_url("**/admin/alerts/")
    phone.open(f"{STEP}mine/")
    fits(phone, language)

    phone.context.clear_cookies()
    log_in(phone)
    phone.page.wait_for_url(f"**{STEP}?next=**")
    fits(phone, language)
    press(phone, "form.passkey button")
    phone.page.wait_for_url("**/admin/alerts/")
    assert audited(AuditAction.FACTOR_ADDED) == [("anna", anna.pk, "passkey")]
    assert audited(AuditAction.LOGIN_REFUSED) == []
    assert phone.real_problems() == []


@LANGUAGES
def test_an_app_is_added_and_lets_in_on_a_phone_by_keyboard(phone: Window, language: str) -> None:
    anna = new_account()
    Organiser.objects.filter(pk=anna.pk).update(language=language)
    log_in(phone)
    phone.page.wait_for_url("**/second-factor/set-up/**")
    assert phone.page.evaluate("document.querySelector('.qr').naturalWidth") > 100
    secret = phone.page.locator("code.secret").inner_text().replace(" ", "")
    fill(phone, "#id_code", code_now(secret))
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url("**/second-factor/codes/**")
    press(phone, "input.default")
    phone.page.locator(".codes").wait_for()
    press(phone, ".ends a.default")
    phone.page.wait_for_url("**/admin/alerts/")

    phone.context.clear_cookies()
    log_in(phone)
    fits(phone, language)
    fill(phone, "#id_code", "000000")
    phone.page.keyboard.press("Enter")
    phone.page.locator(".errorlist").wait_for()
    fits(phone, language)
    fill(phone, "#id_code", code_now(secret, steps=1))
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url("**/admin/alerts/")
    assert TotpDevice.objects.filter(user=anna).count() == 1
    assert phone.real_problems() == []


def test_a_passkey_of_somebody_else_lets_nobody_in_and_the_page_says_so(phone: Window) -> None:
    anna, vera = new_account(), new_account("vera")
    add_authenticator(phone)
    log_in(phone)
    press(phone, "form.passkey button")
    phone.page.wait_for_url("**/second-factor/codes/**")
    # The same device, and an account that says the passkey is its own.
    phone.context.clear_cookies()
    credential = WebAuthnCredential.objects.get()
    WebAuthnCredential.objects.filter(pk=credential.pk).update(user=vera)
    TotpDevice.objects.create(user=anna, name="phone", secret=b"")
    WebAuthnCredential.objects.create(
        user=anna, credential_id=b"another", public_key=bytes(credential.public_key), aaguid=credential.aaguid
    )
    log_in(phone)
    phone.page.route(
        "**/passkey/begin/",
        lambda route: route.fulfill(
            json={**route.fetch().json(), "allowCredentials": [], "userVerification": "preferred"}
        ),
    )
    press(phone, "form.passkey button")
    phone.page.locator("[data-failed]:not([hidden])").wait_for()
    assert phone.open("/admin/alerts/") == 200
    assert STEP in phone.page.url
    assert audited(AuditAction.LOGIN_REFUSED) == [(None, anna.pk, "passkey")]


def test_without_scripts_the_page_leads_to_the_app(open_window: OpenWindow, localhost: str) -> None:
    new_account()
    window = open_window(scripts=False, width=360)
    window.url = localhost
    log_in_without_keys(window)
    assert window.page.locator("form.passkey button").is_hidden()
    assert "use the app" in window.page.locator("form.passkey").inner_text()
    secret = window.page.locator("code.secret").inner_text().replace(" ", "")
    window.page.fill("#id_code", code_now(secret))
    window.page.click("#app-form input.default")
    window.page.click("input.default")
    assert window.page.locator(".codes code").count() == 10


def test_at_another_address_of_the_site_only_an_app_is_offered(open_window: OpenWindow, localhost: str) -> None:
    new_account()
    window = open_window(width=360)
    window.url = localhost.replace("localhost", "127.0.0.1")
    log_in_without_keys(window)
    assert window.page.locator("code.secret").count() == 1
    assert window.page.locator("form.passkey").count() == 0


def log_in_without_keys(window: Window) -> None:
    """Type name and password."""
    window.open("/admin/login/?next=/admin/")
    window.page.fill("#id_username", "anna")
    window.page.fill("#id_password", PASSWORD)
    window.page.click("input[type=submit]")
