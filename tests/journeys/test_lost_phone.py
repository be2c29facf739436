"""Whoever loses the phone gets in again, and a stolen recovery code does not help twice."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from signatures.models import AuditEntry, Organiser, RecoveryCode, TotpDevice
from signatures.models.choices import AuditAction
from signatures.models.session import Session
from signatures.safeguarding.second_factors import remove_all_factors
from tests.support import factories
from tests.support.database import query
from tests.support.page_reading import read, words
from tests.support.second_factor import (
    PASSWORD,
    STEP,
    audited,
    browser_let_in,
    browser_with_password,
    code_now,
    give_second_factor,
    grow_old,
    new_account,
    require_factor,
)

pytestmark = pytest.mark.django_db
CODES = f"{STEP}codes/"
MINE = f"{STEP}mine/"


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    """Require a second factor, as in production."""
    require_factor(settings)


def codes_on(page: str) -> list[str]:
    """Return the recovery codes that a page shows."""
    return re.findall(r"<code>([0-9A-Z-]{19})</code>", page)


def made_codes(browser: Client) -> list[str]:
    """Make recovery codes as their owner does."""
    return codes_on(browser.post(CODES).content.decode())


def test_recovery_codes_are_shown_once_and_each_lets_in_once() -> None:
    anna = new_account(has_app=True)
    browser = browser_let_in()
    assert "Make recovery codes" in read(browser, CODES)
    codes = made_codes(browser)
    assert len(codes) == 10
    assert codes_on(read(browser, CODES)) == []
    other = browser_with_password(path="/admin/alerts/")
    typed = codes[3].lower().replace("-", " ")
    answer = other.post(STEP, {"recovery_code": typed, "next": "/admin/alerts/"})
    assert answer["Location"] == "/admin/alerts/"
    assert "You came in with a recovery code. You have 9 left." in words(read(other, "/admin/alerts/"))
    assert audited(AuditAction.RECOVERY_CODES_MADE) == [("anna", anna.pk, None)]
    assert AuditEntry.objects.get(action=AuditAction.RECOVERY_CODE_USED).details == {"codes_left": 9}
    assert "You have 9 recovery codes left." in words(read(other, MINE))


def test_a_stolen_recovery_code_is_refused_if_used_and_on_record_if_it_works() -> None:
    anna = new_account(has_app=True)
    used, stolen, kept, *_ = made_codes(browser_let_in())
    assert browser_with_password().post(STEP, {"recovery_code": used}).status_code == 302
    thief = browser_with_password()
    assert thief.post(STEP, {"recovery_code": used}).status_code == 422
    assert thief.get("/admin/").status_code == 302
    assert audited(AuditAction.LOGIN_REFUSED) == [(None, anna.pk, "recovery code")]
    assert thief.post(STEP, {"recovery_code": stolen}).status_code == 302
    assert len(audited(AuditAction.RECOVERY_CODE_USED)) == 2
    # The owner sees it, and new codes make the others of the thief worthless.
    owner = browser_let_in(steps=1)
    assert "If that was not you, make new codes" in words(read(owner, MINE))
    assert len(set(made_codes(owner))) == 10
    # A minute later, as far as the limits know.
    query("DELETE FROM signatures_ratelimit")
    assert browser_with_password().post(STEP, {"recovery_code": kept}).status_code == 422


def test_a_recovery_code_is_worth_nothing_for_another_account() -> None:
    new_account(has_app=True)
    new_account("vera", has_app=True)
    code = made_codes(browser_let_in())[0]
    assert browser_with_password("vera").post(STEP, {"recovery_code": code}).status_code == 422
    assert browser_with_password().post(STEP, {"recovery_code": code}).status_code == 302


def test_a_lost_phone_is_replaced_with_a_recovery_code_and_its_codes_end() -> None:
    new_account(has_app=True)
    lost = TotpDevice.objects.get()
    code = made_codes(browser_let_in())[0]
    browser = browser_with_password()
    assert browser.post(STEP, {"recovery_code": code}).status_code == 302
    # The last one stays, since the site requires one.
    gone = f"{STEP}remove/app/{lost.pk}/"
    assert "The last one cannot be removed" in words(read(browser, MINE))
    assert "add another first" in words(browser.post(gone, follow=True).content.decode())
    found = re.search(r'<code class="secret"[^>]*>([A-Z2-7 ]+)</code>', read(browser, f"{STEP}set-up/"))
    assert found is not None
    secret = found.group(1).replace(" ", "")
    answer = browser.post(f"{STEP}set-up/", {"code": code_now(secret), "name": "new phone"})
    assert answer["Location"] == MINE
    assert "Remove “phone”" in words(read(browser, gone))
    assert browser.post(gone)["Location"] == MINE
    assert [one.name for one in TotpDevice.objects.all()] == ["new phone"]
    assert browser.get("/admin/alerts/").status_code == 200
    assert browser_with_password().post(STEP, {"code": code_now(steps=1)}).status_code == 422
    assert audited(AuditAction.FACTOR_REMOVED)[0][2] == "app"


def test_nobody_removes_or_renews_anything_with_a_proof_that_is_old() -> None:
    new_account(has_app=True)
    browser = browser_let_in()
    grow_old(browser)
    elsewhere = Session.objects.exclude(pk=Session.objects.latest("pk").pk).count()
    for path in (CODES, f"{STEP}set-up/", f"{STEP}remove/app/{TotpDevice.objects.get().pk}/", "/admin/sessions/"):
        assert browser.post(path, {"end": "others"})["Location"].startswith(f"{STEP}?next="), path
    assert Session.objects.exclude(pk=Session.objects.latest("pk").pk).count() == elsewhere
    assert not RecoveryCode.objects.exists()
    assert browser.post(STEP, {"code": code_now(steps=1), "next": CODES})["Location"] == CODES
    assert len(made_codes(browser)) == 10


def test_an_administrator_removes_the_factor_and_the_owner_sees_who_it_was() -> None:
    anna = new_account(has_app=True, is_superuser=False)
    vera = new_account("vera", has_app=True)
    theirs, chief = browser_let_in(), browser_let_in("vera")
    made_codes(theirs)
    account = f"/admin/signatures/organiser/{anna.pk}/change/"
    path = f"{STEP}of/{anna.pk}/"
    assert f'href="{path}"' in read(chief, account)
    assert "the password alone opens the account" in words(read(chief, path))
    assert chief.post(path).status_code == 422
    assert chief.post(path, {"reason": "phone lost, voice known"})["Location"] == account
    assert theirs.get("/admin/")["Location"].startswith("/admin/login/")
    assert (TotpDevice.objects.filter(user=anna).count(), RecoveryCode.objects.count()) == (0, 0)
    assert audited(AuditAction.FACTOR_REMOVED) == [("vera", anna.pk, "all")]
    assert AuditEntry.objects.get(action=AuditAction.FACTOR_REMOVED).reason == "phone lost, voice known"
    browser = browser_with_password()
    seen = words(browser.get("/admin/", follow=True).content.decode())
    assert "Your second factor was removed by vera" in seen
    assert f'href="{path}"' not in read(chief, account)
    assert chief.post(f"{STEP}of/{vera.pk}/", {"reason": "mine"}).status_code == 403


@pytest.mark.parametrize("role", ["Organisers", "Auditors", "Editors", "Administrators"])
def test_nobody_removes_the_factor_of_somebody_with_more_rights(role: str) -> None:
    chief = new_account(has_app=True)
    actor = factories.make_organiser(role)
    client = Client()
    client.force_login(actor)
    give_second_factor(client, actor)
    assert client.post(f"{STEP}of/{chief.pk}/", {"reason": "I want in"}).status_code == 403
    assert TotpDevice.objects.filter(user=chief).exists()


def test_a_right_that_is_gained_meanwhile_keeps_the_factor_from_being_removed() -> None:
    anna = new_account(has_app=True, is_superuser=False)
    actor = factories.make_organiser("Administrators")
    assert actor.may_change(anna)
    Organiser.objects.filter(pk=anna.pk).update(is_superuser=True)
    with pytest.raises(PermissionDenied):
        remove_all_factors(actor=actor, account=anna, reason="lost")
    assert TotpDevice.objects.filter(user=anna).exists()


def test_the_last_administrator_gets_in_again_by_the_command_on_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    anna = new_account(has_app=True)
    browser = browser_let_in()
    call_command("remove_second_factor", "anna")
    assert "Removed 1" in capsys.readouterr().out
    assert browser.get("/admin/").status_code == 302
    assert audited(AuditAction.FACTOR_REMOVED) == [(None, anna.pk, "all")]
    again = browser_with_password()
    assert "removed on the server" in words(again.get("/admin/", follow=True).content.decode())
    with pytest.raises(CommandError, match="no account"):
        call_command("remove_second_factor", "nobody")


def test_where_none_is_required_the_first_page_tells_who_removed_it(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    new_account(has_app=True)
    call_command("remove_second_factor", "anna")
    assert not Session.objects.exists()
    assert "removed on the server" in words(read(browser_with_password(), "/admin/"))
    browser = Client()
    browser.force_login(Organiser.objects.get(username="anna"))
    give_second_factor(browser, Organiser.objects.get(username="anna"))
    assert "removed on the server" not in words(read(browser, "/admin/"))
    assert PASSWORD not in read(browser, "/admin/")
