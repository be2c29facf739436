"""Whoever has only the password of an account gets no farther than the second step, and its owner gets in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from signatures.models import Organiser, RecoveryCode, TotpDevice
from signatures.models.choices import AuditAction
from signatures.safeguarding.encryption import decrypt
from signatures.safeguarding.one_time_codes import new_secret
from signatures.safeguarding.passkeys import add_passkey
from signatures.safeguarding.second_factors import add_app
from tests.support.database import query
from tests.support.page_reading import read, words
from tests.support.second_factor import (
    PASSWORD,
    SECRET,
    STEP,
    audited,
    browser_let_in,
    browser_with_password,
    code_now,
    grow_old,
    new_account,
    require_factor,
)

pytestmark = pytest.mark.django_db
SET_UP = f"{STEP}set-up/"
SHOWN = re.compile(r'<code class="secret"[^>]*>([A-Z2-7 ]+)</code>')


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    """Require a second factor, as in production, and let tests try as often as they need."""
    require_factor(settings)


def shown_secret(browser: Client) -> str:
    """Return the key that the page for setting up shows."""
    found = SHOWN.search(read(browser, SET_UP))
    assert found is not None
    return found.group(1).replace(" ", "")


def test_a_new_account_sets_up_an_app_and_sees_nothing_of_the_desk_before() -> None:
    anna = new_account()
    browser = browser_with_password(path="/admin/signatures/petition/")
    answer = browser.get("/admin/signatures/petition/")
    assert answer["Location"] == f"{SET_UP}?next=%2Fadmin%2Fsignatures%2Fpetition%2F"
    assert browser.get("/admin/password_change/")["Location"].startswith(SET_UP)
    secret = shown_secret(browser)
    assert shown_secret(browser) == secret
    assert browser.get(f"{SET_UP}qr.png")["Content-Type"] == "image/png"
    # A wrong code adds nothing.
    assert browser.post(SET_UP, {"code": code_now(SECRET), "next": "/admin/"}).status_code == 422
    assert not TotpDevice.objects.exists()
    before = browser.cookies[site_settings.SESSION_COOKIE_NAME].value
    answer = browser.post(SET_UP, {"code": code_now(secret), "name": "my phone", "next": "/admin/signatures/petition/"})
    assert answer["Location"] == f"{STEP}codes/?next=%2Fadmin%2Fsignatures%2Fpetition%2F"
    assert browser.cookies[site_settings.SESSION_COOKIE_NAME].value != before
    assert browser.get("/admin/signatures/petition/").status_code == 200
    assert audited(AuditAction.FACTOR_ADDED) == [("anna", anna.pk, "app")]
    assert browser.get(f"{SET_UP}qr.png").status_code == 404


def test_the_code_of_the_app_lets_in_and_leads_to_the_page_that_was_asked_for() -> None:
    new_account(has_app=True)
    browser = browser_with_password()
    answer = browser.get("/admin/alerts/?a=1")
    assert answer["Location"] == f"{STEP}?next=%2Fadmin%2Falerts%2F%3Fa%3D1"
    assert "With the app on your phone" in words(read(browser, answer["Location"]))
    before = browser.cookies[site_settings.SESSION_COOKIE_NAME].value
    answer = browser.post(STEP, {"code": code_now(), "next": "/admin/alerts/?a=1"})
    assert answer["Location"] == "/admin/alerts/?a=1"
    assert browser.cookies[site_settings.SESSION_COOKIE_NAME].value != before
    assert browser.get("/admin/alerts/").status_code == 200
    stolen = Client()
    stolen.cookies[site_settings.SESSION_COOKIE_NAME] = before
    assert stolen.get("/admin/").status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_nobody_is_led_to_another_site_after_the_second_step(elsewhere: str) -> None:
    new_account(has_app=True)
    answer = browser_with_password().post(STEP, {"code": code_now(), "next": elsewhere})
    assert answer["Location"] == "/admin/"


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)])
def test_a_phone_may_be_half_a_minute_early_or_late_and_no_more(steps: int, status: int) -> None:
    new_account(has_app=True)
    if query("SELECT mod(extract(epoch FROM clock_timestamp()), 30) > 25")[0][0]:
        query("SELECT pg_sleep(5.1)")
    assert browser_with_password().post(STEP, {"code": code_now(steps=steps)}).status_code == status


def test_a_code_is_taken_once_and_so_is_none_from_before_it() -> None:
    new_account(has_app=True)
    code, earlier = code_now(steps=1), code_now()
    assert browser_with_password().post(STEP, {"code": code}).status_code == 302
    other = browser_with_password()
    for typed in (code, earlier):
        answer = other.post(STEP, {"code": typed})
        assert answer.status_code == 422
        assert "was used already" in words(answer.content.decode())
    assert other.get("/admin/alerts/").status_code == 302


def test_a_code_can_be_typed_with_blanks_and_in_other_digits() -> None:
    new_account(has_app=True)
    code = "".join(chr(ord("٠") + int(digit)) for digit in code_now())
    assert browser_with_password().post(STEP, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302


def test_a_wrong_code_is_on_record_and_lets_nobody_in() -> None:
    anna = new_account(has_app=True)
    browser = browser_with_password()
    for typed in ("000000", "", "abc", "1" * 300):
        assert browser.post(STEP, {"code": typed}).status_code == 422
    assert browser.post(STEP).status_code == 422
    assert browser.get("/admin/").status_code == 302
    assert audited(AuditAction.LOGIN_REFUSED) == [(None, anna.pk, "app")] * 2


def test_guesses_at_the_codes_of_an_account_are_slowed_from_wherever_they_come() -> None:
    anna = new_account(has_app=True)
    browser = browser_with_password()
    for number in range(5):
        assert browser.post(STEP, {"code": "000000"}, REMOTE_ADDR=f"192.0.2.{number}").status_code == 422
    answer = browser.post(STEP, {"code": code_now()}, REMOTE_ADDR="192.0.2.77")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "somebody knows your password" in words(answer.content.decode())
    assert browser.get("/admin/alerts/").status_code == 302
    new_account("vera", has_app=True)
    assert browser_with_password("vera").post(STEP, {"code": code_now()}).status_code == 302
    # Whoever guesses has the password: a new one ends their count.
    anna.set_password(PASSWORD)
    anna.save()
    assert browser_with_password().post(STEP, {"code": code_now()}).status_code == 302


def test_wrong_passkeys_are_few_and_do_not_fill_the_log(settings: Settings) -> None:
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = ["http://testserver"]
    anna = new_account(has_app=True)
    browser = browser_with_password()
    answers = []
    for _ in range(7):
        assert browser.post(f"{STEP}passkey/begin/").status_code == 200
        answers.append(browser.post(f"{STEP}passkey/complete/", {}, "application/json"))
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert answers[-1].json() == {"error": "too many attempts"}
    assert int(answers[-1]["Retry-After"]) > 0
    assert audited(AuditAction.LOGIN_REFUSED) == [(None, anna.pk, "passkey")]
    # The app is not shut out by it.
    assert browser.post(STEP, {"code": code_now()}).status_code == 302


def test_an_app_is_added_once_and_to_no_closed_account() -> None:
    anna = new_account()
    values: dict[str, Any] = {"actor": anna, "name": "phone", "secret": SECRET}
    add_app(**values, typed=code_now())
    with pytest.raises(ValidationError, match="was used already"):
        add_app(**values, typed=code_now())
    Organiser.objects.filter(pk=anna.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        add_app(**values | {"secret": new_secret()}, typed=code_now())
    with pytest.raises(PermissionDenied):
        add_passkey(actor=anna, request=HttpRequest(), name="", state={}, answer=None)
    assert TotpDevice.objects.count() == 1


def test_guesses_from_one_network_are_slowed_whatever_the_account(settings: Settings) -> None:
    accounts = [new_account(f"name{number}", has_app=True) for number in range(4)]
    browsers = [browser_with_password(account.username) for account in accounts]
    settings.LOGIN_RATES = ["3/m"]
    answers = [browser.post(STEP, {"code": "000000"}).status_code for browser in browsers]
    assert answers == [422, 422, 422, 429]


def test_a_copy_of_the_tables_lets_nobody_in() -> None:
    anna = new_account(has_app=True)
    browser = browser_let_in()
    codes = re.findall(r"<code>([0-9A-Z-]{19})</code>", browser.post(f"{STEP}codes/").content.decode())
    assert len(set(codes)) == 10
    stored = str(query("SELECT to_jsonb(t) FROM signatures_totpdevice t")) + str(
        query("SELECT to_jsonb(c) FROM signatures_recoverycode c")
    )
    raw = bytes(TotpDevice.objects.get(user=anna).secret)
    hashes = [bytes(one) for one in RecoveryCode.objects.values_list("code_hash", flat=True)]
    assert SECRET.encode() not in raw
    assert decrypt(raw) == SECRET
    assert all(len(one) == 32 for one in hashes)
    assert not [code for code in codes if code in stored or code.replace("-", "").encode() in b"".join(hashes)]
    # The same code of two accounts has two hashes.
    assert len(set(hashes)) == 10


def test_whoever_came_half_way_may_log_out_and_change_nothing() -> None:
    new_account(has_app=True)
    browser = browser_with_password()
    assert browser.get(f"{STEP}mine/").status_code == 302
    for path in (SET_UP, f"{STEP}codes/", f"{STEP}remove/app/1/"):
        answer = browser.post(path, {"code": code_now()})
        assert answer["Location"].startswith(f"{STEP}?next="), path
    assert (TotpDevice.objects.count(), RecoveryCode.objects.count()) == (1, 0)
    assert browser.post("/admin/logout/").status_code == 200
    assert browser.get(STEP)["Location"].startswith("/admin/login/")


def test_without_a_password_no_page_of_second_factors_opens() -> None:
    for path in ("", "set-up/", "set-up/qr.png", "codes/", "mine/", "password/", "remove/app/1/", "of/1/"):
        assert Client().get(f"{STEP}{path}")["Location"].startswith("/admin/login/"), path
    for path in ("passkey/begin/", "passkey/complete/", "passkey/add/begin/", "passkey/add/complete/"):
        assert Client().post(f"{STEP}{path}")["Location"].startswith("/admin/login/"), path


def test_a_closed_account_gets_no_farther_with_its_code() -> None:
    anna = new_account(has_app=True)
    browser = browser_with_password()
    Organiser.objects.filter(pk=anna.pk).update(is_active=False)
    assert browser.post(STEP, {"code": code_now()})["Location"].startswith("/admin/login/")


def test_where_none_is_required_one_may_switch_it_on_and_is_asked_from_then_on(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    new_account()
    browser = browser_with_password()
    assert browser.get("/admin/alerts/").status_code == 200
    assert "password alone" in words(read(browser, f"{STEP}mine/"))
    assert browser.get(STEP)["Location"] == "/admin/"
    secret = shown_secret(browser)
    other = browser_with_password()
    assert browser.post(SET_UP, {"code": code_now(secret)}).status_code == 302
    assert browser.get("/admin/alerts/").status_code == 200
    assert other.get("/admin/alerts/")["Location"].startswith(STEP)
    assert browser_with_password().get("/admin/alerts/")["Location"].startswith(STEP)


def test_adding_a_factor_asks_for_the_password_again_after_ten_minutes(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    anna = new_account()
    browser = browser_with_password()
    grow_old(browser)
    # Another session's login proves nothing in this one.
    assert browser_with_password().get(SET_UP).status_code == 200
    assert browser.get(SET_UP)["Location"].startswith(f"{STEP}password/?next=")
    assert browser.post(f"{STEP}password/", {"password": "wrong", "next": SET_UP}).status_code == 422
    assert audited(AuditAction.LOGIN_REFUSED) == [(None, anna.pk, "password")]
    answer = browser.post(f"{STEP}password/", {"password": PASSWORD, "next": SET_UP})
    assert answer["Location"] == SET_UP
    assert browser.get(SET_UP).status_code == 200
