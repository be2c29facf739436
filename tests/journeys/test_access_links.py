"""Links by which people choose their passwords: each is valid once, and tells nothing once it is over."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from signatures import auditing
from signatures.models import AccessLink, Organiser, Petition
from signatures.models.access_link import LinkKind
from signatures.models.choices import AuditAction
from signatures.safeguarding.access_links import add_link, lock_account, make_reset_link
from signatures.safeguarding.accounts import _lock_administrators
from tests.support import factories
from tests.support.database import at_once, query, refuses
from tests.support.page_reading import read, words
from tests.support.people import (
    ACCOUNTS,
    PASSWORD,
    follow,
    invite,
    link_on,
    log_in,
    on_record,
    owner_of,
    page_of,
    reset,
    role_number,
)

LogIn = Callable[[str], Client]
OVER = "/admin/set-password/never-made/"
PASSED = (
    "UPDATE signatures_accesslink SET expires_at = now() - interval '1 second', made_at = now() - interval '9 days'"
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def many_tries(settings: Settings) -> None:
    """Let a test try more links in a minute than people may."""
    settings.LOGIN_RATES = ["1000/m"]


@pytest.fixture
def chief(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who may do everything."""
    return organiser_client("")


def is_over(link: str) -> bool:
    """Return whether a link gets the one answer of those that cannot be used, to read it and to use it."""
    client = Client()
    answers: list[Any] = [client.get(link), follow(client, link)]
    expected = Client().get(OVER)
    assert expected.status_code == 404
    return all((one.status_code, one.content) == (404, expected.content) for one in answers)


def test_a_link_is_shown_once_works_once_and_is_not_stored(chief: Client, petition: Petition) -> None:
    link = invite(chief, petition)
    token = link.split("/")[-2]
    assert len(token) >= 43
    assert token not in str(query("SELECT * FROM signatures_accesslink, signatures_auditentry, django_session"))
    assert "anna" in words(read(Client(), link))
    assert "password" in words(Client().post(link, {"new_password1": "x", "new_password2": "y"}).content.decode())
    assert follow(Client(), link, "organiser organiser").status_code == 422
    assert follow(Client(), link).status_code == 302
    assert is_over(link)
    assert is_over(link + "and/more/")
    assert "invited you" in words(read(log_in("anna"), "/admin/"))


@pytest.mark.parametrize("path", ["x", "a/b/c", "%00", "Ж" * 300, "..", "%F0%9F"])
def test_what_was_never_a_link_gets_the_same_answer(path: str) -> None:
    assert is_over(f"/admin/set-password/{path}/")


def test_the_page_of_a_link_is_kept_nowhere_and_tells_nobody_its_address(chief: Client, petition: Petition) -> None:
    shown = chief.get(f"/admin/signatures/petition/{petition.pk}/people/")
    link = invite(chief, petition)
    for answer in (Client().get(link), Client().get(OVER), follow(Client(), link)):
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "strict-origin"
    foreign = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})
    errors: list[Any] = [foreign.post(link), Client().delete(link), Client().put(link), Client().get(link[:-1])]
    errors += [Client().post(link, {"x": "x" * 2_000_000}), Client().get(link, headers={"host": "elsewhere.example"})]
    assert [one.status_code for one in errors] == [403, 405, 405, 302, 413, 400]
    assert {one["Referrer-Policy"] for one in errors} == {"strict-origin"}
    assert "no-store" in shown["Cache-Control"]


def test_no_more_tries_than_logins(chief: Client, petition: Petition, settings: Settings) -> None:
    settings.LOGIN_RATES = ["5/m"]
    link = invite(chief, petition)
    client = Client(REMOTE_ADDR="192.0.2.77")
    answers = [follow(client, f"{OVER}") for _ in range(5)]
    assert {one.status_code for one in answers} == {404}
    refused = follow(client, link)
    assert (refused.status_code, bool(refused["Retry-After"])) == (429, True)
    assert follow(Client(REMOTE_ADDR="192.0.2.78"), link).status_code == 302


def test_a_new_link_ends_the_one_before(chief: Client, petition: Petition) -> None:
    first = invite(chief, petition)
    anna = Organiser.objects.get(username="anna")
    second = reset(chief, anna)
    assert is_over(first)
    assert follow(Client(), second).status_code == 302
    assert AccessLink.objects.count() == 1


def test_a_link_ends_with_its_time_by_the_databases_clock(chief: Client, petition: Petition) -> None:
    link = invite(chief, petition)
    days = "SELECT extract(day FROM expires_at - made_at) FROM signatures_accesslink"
    assert query(days) == [(7,)]
    query("SET CONSTRAINTS ALL IMMEDIATE")
    query("ALTER TABLE signatures_accesslink DISABLE TRIGGER used_once")
    query(PASSED)
    query("ALTER TABLE signatures_accesslink ENABLE TRIGGER used_once")
    assert is_over(link)
    reset(chief, Organiser.objects.get(username="anna"))
    assert query(days) == [(1,)]


def test_closing_the_account_ends_the_link_and_the_session_at_once(chief: Client, petition: Petition) -> None:
    follow(Client(), invite(chief, petition, "Moderators"))
    anna = Organiser.objects.get(username="anna")
    hers = log_in("anna")
    link = reset(chief, anna)
    assert hers.get("/admin/").status_code == 302
    assert chief.post(page_of(anna, "close"), {"reason": "left"}).status_code == 302
    assert is_over(link)
    answer = Client().post("/admin/login/", {"username": "anna", "password": PASSWORD})
    assert answer.status_code == 200
    # Nothing of it comes back with the account, except its roles.
    again = link_on(chief.post(page_of(anna, "open"), {"reason": "came back"}))
    assert hers.get("/admin/").status_code == 302
    assert is_over(link)
    follow(Client(), again)
    assert log_in("anna").get("/admin/signatures/signature/").status_code == 200
    assert [action for action, _, _ in on_record("ACCOUNT_CLOSED", "ACCOUNT_OPENED")] == [
        "ACCOUNT_CLOSED",
        "ACCOUNT_OPENED",
    ]


def test_the_links_that_an_account_made_end_with_its_rights(chief: Client, petition: Petition) -> None:
    maker = factories.make_organiser(password=factories.password_hash())
    browser = log_in(maker.username, factories.PASSWORD)
    link = invite(browser, petition)
    assert Client().get(link).status_code == 200
    form = {"language": "en", "groups": role_number("Administrators")}
    assert chief.post(page_of(maker), form).status_code == 302
    assert is_over(link)
    link = reset(browser, Organiser.objects.get(username="anna"))
    chief.post(page_of(maker, "close"), {"reason": "left"})
    assert is_over(link)
    chief.post(page_of(maker, "open"), {"reason": "came back"})
    assert is_over(link)
    # One that is made at the same moment is worth nothing, either.
    late = add_link(account=owner_of(chief), kind=LinkKind.RESET, actor=maker)
    assert not is_over(f"/admin/set-password/{late}/")
    Organiser.objects.filter(pk=maker.pk).update(is_active=False)
    assert is_over(f"/admin/set-password/{late}/")


def test_nobody_makes_a_link_for_their_own_account(chief: Client) -> None:
    me = owner_of(chief)
    assert page_of(me, "link") not in read(chief, page_of(me))
    assert chief.get(page_of(me, "link")).status_code == 403
    assert chief.post(page_of(me, "link"), {"reason": "forgotten"}).status_code == 403
    with pytest.raises(PermissionDenied):
        make_reset_link(account=me, reason="forgotten", actor=me)
    assert not AccessLink.objects.exists()
    other = factories.make_organiser("Editors")
    assert page_of(other, "link") in read(chief, page_of(other))


def test_guesses_at_the_name_shut_nobody_out_who_has_just_chosen_the_password(
    chief: Client, petition: Petition
) -> None:
    link, hers = invite(chief, petition), Client()
    assert follow(hers, link).status_code == 302
    entry = {"username": "anna", "password": PASSWORD}
    # However long it takes, it is one window of the limit.
    with time_machine.travel(datetime.now(UTC), tick=False):
        for number in range(12):
            guess = {"username": "anna", "password": "wrong"}
            Client(REMOTE_ADDR=f"192.0.2.{number}").post("/admin/login/", guess)
        assert Client(REMOTE_ADDR="192.0.2.99").post("/admin/login/", entry).status_code == 429
    assert hers.post("/admin/login/", entry).status_code == 302


def test_a_reset_ends_password_and_sessions_needs_a_reason_and_is_told_to_the_owner(chief: Client) -> None:
    owner = factories.make_organiser("Editors", language="en")
    hers = log_in(owner.username, factories.PASSWORD)
    assert chief.post(page_of(owner, "link"), {"reason": ""}).status_code == 422
    assert hers.get("/admin/").status_code == 200
    link = reset(chief, owner)
    assert hers.get("/admin/").status_code == 302
    assert not Organiser.objects.get(pk=owner.pk).has_usable_password()
    follow(Client(), link)
    told = words(read(log_in(owner.username), "/admin/"))
    assert f"{owner_of(chief).username} made a link for a new password of this account" in told
    assert query("SELECT reason FROM signatures_auditentry WHERE action = 'LINK_MADE'") == [("forgotten",)]


def test_nobody_sets_the_password_of_another(chief: Client) -> None:
    owner = factories.make_organiser("Editors")
    sent = {"password1": PASSWORD, "password2": PASSWORD, "set-password": "on", "username": "mine"}
    assert chief.post(f"{ACCOUNTS}{owner.pk}/password/", sent).status_code == 302
    form = {"language": "en", "groups": str(owner.groups.get().pk), "password": PASSWORD, **sent}
    assert chief.post(page_of(owner), form).status_code == 302
    kept = Organiser.objects.get(pk=owner.pk)
    assert (kept.username, kept.password) == (owner.username, owner.password)


def test_a_command_makes_a_link_for_the_last_administrator_on_record() -> None:
    chief = factories.make_organiser(language="en")
    out = io.StringIO()
    call_command("make_access_link", chief.username, stdout=out)
    link = "/" + out.getvalue().strip().split("/", 3)[3]
    assert follow(Client(), link).status_code == 302
    assert "was made on the server" in words(read(log_in(chief.username), "/admin/"))
    name = chief.username
    assert on_record("LINK_MADE", "LINK_USED") == [
        ("LINK_MADE", "", {"account": name, "link": "RESET"}),
        ("LINK_USED", name, {"account": name, "link": "RESET", "made_by": ""}),
    ]
    with pytest.raises(CommandError, match="no account"):
        call_command("make_access_link", "nobody")


def test_the_database_keeps_what_was_done_with_a_link(chief: Client, petition: Petition) -> None:
    follow(Client(), invite(chief, petition))
    refuses("UPDATE signatures_accesslink SET used_at = NULL", by="a link is used once")
    refuses("DELETE FROM signatures_accesslink", by="a link is used once")


@pytest.mark.django_db(transaction=True)
def test_what_merely_refers_to_an_account_does_not_wait_for_it() -> None:
    account = factories.make_organiser("")

    def record() -> bool:
        with transaction.atomic():
            query("SET LOCAL lock_timeout = '2s'")
            auditing.record(actor=account, action=AuditAction.ACCOUNT_CHANGED, target=account.pk)
        return True

    for lock in (lambda: lock_account(account, None), _lock_administrators):
        with transaction.atomic():
            lock()
            assert at_once(record) == [True]
