"""Guesses at an account are few, wherever they come from, tell nothing, and shut its owner out of no browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signatures.models import AuditEntry, Organiser
from signatures.models.choices import AuditAction
from signatures.safeguarding import accounts
from signatures.safeguarding.access_links import make_reset_link
from signatures.safeguarding.session_ending import end_sessions
from tests.support import factories
from tests.support.database import traces_of
from tests.support.page_reading import field_value, read, words
from tests.support.second_factor import give_second_factor

LOGIN = "/admin/login/"
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Let no hour end within a test."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def quick_hashes(settings: Settings) -> None:
    """Let a hundred guesses not take minutes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def account(role: str = "", **values: bool) -> Organiser:
    """Create an account whose password is quick to check."""
    return factories.make_organiser(role, **values, password=make_password(factories.PASSWORD))


def guess(name: str, number: int = 0, password: str = "", client: Client | None = None) -> HttpResponse:
    """Try a password, from one of many networks."""
    visitor = client or Client(REMOTE_ADDR=f"192.0.2.{number % 250 + 1}")
    answer: HttpResponse = visitor.post(LOGIN, {"username": name, "password": password or "wrong"})  # type: ignore[assignment]
    return answer


def entries(action: AuditAction) -> list[tuple[int | None, int | None, int | None]]:
    """Return actor, target and amount of the entries of an action."""
    found = AuditEntry.objects.filter(action=action).order_by("pk")
    return list(found.values_list("actor", "target", "amount"))


def log_in(organiser: Organiser, client: Client | None = None, password: str = factories.PASSWORD) -> Client:
    """Return a browser that has logged in."""
    browser = client or Client(REMOTE_ADDR="198.51.100.1", headers=FIREFOX)
    assert guess(organiser.username, password=password, client=browser).status_code == 302
    return browser


def test_of_all_guesses_from_twelve_networks_ten_are_looked_at() -> None:
    organiser = account()
    answers = [guess(organiser.username, number % 12) for number in range(24)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 14
    assert guess(organiser.username, 100, factories.PASSWORD).status_code == 429
    # However it is spelled.
    assert guess(f" {organiser.username.upper()}", 101).status_code == 429
    assert guess(" " * 300 + organiser.username, 101, factories.PASSWORD).status_code == 429
    assert guess("organiser", 101).status_code == 200
    assert guess(f"{organiser.username}\0", 101).status_code in {200, 429}
    # The log holds the first, the tenth and the hundredth, whether looked at or not.
    assert entries(AuditAction.LOGIN_REFUSED) == [(None, organiser.pk, 1), (None, organiser.pk, 10)]
    for number in range(80):
        guess(organiser.username, number)
    assert entries(AuditAction.LOGIN_REFUSED)[2:] == [(None, organiser.pk, 100)]


def test_the_limit_ends_by_itself_and_says_when(clock: time_machine.Traveller) -> None:
    organiser = account()
    for number in range(10):
        guess(organiser.username, number)
    answer = guess(organiser.username, 11, factories.PASSWORD)
    wait = int(answer["Retry-After"])
    assert 0 < wait <= 3601
    assert f"Please try again in {-(-wait // 60)} minute" in words(answer)
    assert field_value(answer, "username") == organiser.username
    assert factories.PASSWORD not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    clock.shift(wait)
    assert guess(organiser.username, 11, factories.PASSWORD).status_code == 302


def test_nobody_shuts_the_owner_out_of_a_browser_that_was_let_in_before() -> None:
    organiser, other = account(), account()
    mine = log_in(organiser)
    cookie = mine.cookies["device"]
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == ("/admin/", "Strict", True)
    mine.post("/admin/logout/")
    for number in range(12):
        guess(organiser.username, number)
        # From the owner's network, too.
        guess("somebody", client=Client(REMOTE_ADDR="198.51.100.1"))
    assert guess(organiser.username, 99, factories.PASSWORD).status_code == 429
    log_in(organiser, mine)
    # It is for this account alone, and for few guesses.
    for number in range(11):
        guess(other.username, number)
    assert guess(other.username, password=factories.PASSWORD, client=mine).status_code == 429
    mine.post("/admin/logout/")
    thief = Client(REMOTE_ADDR="203.0.113.1")
    thief.cookies["device"] = mine.cookies["device"].value
    assert [guess(organiser.username, client=thief).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert thief.get("/admin/").status_code == 302


def test_a_browser_is_known_for_its_account_and_for_none_whose_name_is_alike() -> None:
    organiser = account()
    alike = Organiser.objects.create(
        username=organiser.username.upper(), is_staff=True, password=make_password("another long password")
    )
    mine = log_in(organiser)
    for number in range(11):
        guess(organiser.username, number)
    assert guess(alike.username, password="another long password", client=mine).status_code == 429
    assert guess(f" {organiser.username} ", password=factories.PASSWORD, client=mine).status_code == 302


def test_a_browser_is_not_known_any_more_after_a_new_password_nor_by_a_made_up_cookie() -> None:
    organiser = account()
    mine = log_in(organiser)
    for number in range(11):
        guess(organiser.username, number)
    forged = Client(REMOTE_ADDR="203.0.113.1")
    for value in ("x", mine.cookies["device"].value[:-1] + "x", mine.cookies["session"].value):
        forged.cookies["device"] = value
        assert guess(organiser.username, password=factories.PASSWORD, client=forged).status_code == 429
    organiser.set_password("another long password of the tests")
    organiser.save()
    assert guess(organiser.username, password=factories.PASSWORD, client=mine).status_code == 429


def test_unknown_names_wrong_passwords_and_closed_accounts_get_equal_answers() -> None:
    organiser, closed = account(), account(is_active=False)
    shut_out = account()
    Organiser.objects.filter(pk=shut_out.pk).update(is_staff=False)
    pages = []
    for number, one in enumerate((organiser, closed, shut_out, None)):
        name = one.username if one else "nobody-at-all"
        answers = [guess(name, 20 * number + n, factories.PASSWORD if one != organiser else "x") for n in range(12)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
        texts = [answer.content.decode().replace(name, "NAME") for answer in (answers[0], answers[9], answers[11])]
        plain = [re.sub(r'csrfmiddlewaretoken" value="[^"]*"|\d+ minutes?', "", text) for text in texts]
        pages.append((plain, sorted(answers[0].headers), sorted(answers[11].headers), sorted(answers[0].cookies)))
    assert pages[0] == pages[1] == pages[2] == pages[3]


def test_what_is_typed_as_a_name_is_never_stored() -> None:
    for number in range(12):
        guess("my-Secret-Password-123", number)
    assert traces_of("my-Secret-Password-123", "my-secret-password-123") == []
    assert entries(AuditAction.LOGIN_REFUSED) == []


def test_logins_are_on_record_and_told_to_the_owner_next_time() -> None:
    organiser = account("Editors")
    first = log_in(organiser)
    assert "Your last login" not in words(read(first, "/admin/"))
    first.post("/admin/logout/")
    second = log_in(organiser, Client(headers={"user-agent": "Opera"}))
    page = read(second, "/admin/")
    assert "with Firefox on Linux. Was that not you?" in words(page)
    assert 'href="/admin/sessions/">End the other sessions' in page.replace("'", '"')
    assert "Your last login" not in read(second, "/admin/")
    assert entries(AuditAction.LOGGED_IN) == [(organiser.pk, organiser.pk, None)] * 2
    assert entries(AuditAction.LOGGED_OUT) == [(organiser.pk, organiser.pk, None)]


def test_half_a_login_is_none_and_earns_no_cookie(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    organiser = account("Editors")
    client = log_in(organiser)
    assert "device" not in client.cookies
    # That somebody knows the password is on record, but not each time, and as no login.
    log_in(organiser)
    assert entries(AuditAction.LOGGED_IN) == [(organiser.pk, organiser.pk, 1)]
    reader = account("Auditors")
    auditor = log_in(reader)
    give_second_factor(auditor, reader)
    assert "Second factor: No" in words(read(auditor, "/admin/signatures/auditentry/"))
    settings.SECOND_FACTOR_REQUIRED = False
    assert "Your last login" not in words(read(log_in(organiser), "/admin/"))
    settings.SECOND_FACTOR_REQUIRED = True
    give_second_factor(client, organiser)
    assert client.get("/admin/").status_code == 200


def test_the_old_password_is_not_guessed_in_a_session_that_was_left_open() -> None:
    organiser = account("Editors")
    client = log_in(organiser)
    new = "another long password of the tests"
    form = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    path = "/admin/password_change/"
    assert [client.post(path, form).status_code for _ in range(10)] == [200] * 10
    answer = client.post(path, form | {"old_password": factories.PASSWORD})
    assert answer.status_code == 429
    assert "The old password was typed too often." in words(answer.content.decode())
    assert entries(AuditAction.PASSWORD_CHANGED) == []
    other = account("Editors")
    browser = log_in(other)
    assert browser.post(path, form | {"old_password": factories.PASSWORD}).status_code == 302
    assert entries(AuditAction.PASSWORD_CHANGED) == [(other.pk, other.pk, None)]
    log_in(other, browser, new)


def close(organiser: Organiser) -> None:
    """Close an account."""
    accounts.close_account(account=organiser, reason="left", actor=factories.make_organiser())


def reset(organiser: Organiser) -> None:
    """Take its password away."""
    make_reset_link(account=organiser, reason="stolen", actor=None)


def shut_out(organiser: Organiser) -> None:
    """End its sessions."""
    end_sessions(actor=None, organiser=organiser)


@pytest.mark.parametrize("end", [close, reset, shut_out])
def test_a_new_password_that_comes_late_opens_nothing_that_was_closed_meanwhile(
    end: Callable[[Organiser], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    organiser = account("Editors")
    answer, client = change_late(organiser, end, monkeypatch)
    assert answer.status_code == 403
    assert entries(AuditAction.PASSWORD_CHANGED) == []
    kept = Organiser.objects.get(pk=organiser.pk)
    assert (kept.is_active, kept.has_usable_password()) == (end is not close, end is shut_out)
    assert client.get("/admin/").status_code == 302


def test_a_new_password_that_comes_late_brings_no_right_back(monkeypatch: pytest.MonkeyPatch) -> None:
    organiser, role = account(), factories.role_of("Editors")

    def take(one: Organiser) -> None:
        accounts.give_site_role(account=one, role=role, everything=False, actor=factories.make_organiser())

    answer, _client = change_late(organiser, take, monkeypatch)
    assert answer.status_code == 302
    assert not Organiser.objects.get(pk=organiser.pk).is_superuser


def change_late(
    organiser: Organiser, meanwhile: Callable[[Organiser], None], monkeypatch: pytest.MonkeyPatch
) -> tuple[HttpResponse, Client]:
    """Send a new password, and do something between its check and its being stored."""
    client, check = log_in(organiser), AdminPasswordChangeForm.clean_old_password

    def stalled(form: AdminPasswordChangeForm) -> str:
        typed: str = check(form)
        meanwhile(Organiser.objects.get(pk=organiser.pk))
        return typed

    monkeypatch.setattr(AdminPasswordChangeForm, "clean_old_password", stalled)
    new = "another long password of the tests"
    form = {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new}
    return client.post("/admin/password_change/", form), client  # type: ignore[return-value]


def test_the_time_of_every_answer_to_a_guess_is_padded(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("signatures.safeguarding.time_padding.time.sleep", slept.append)
    for number in range(12):
        guess("nobody-at-all", number)
    assert len(slept) == 12
