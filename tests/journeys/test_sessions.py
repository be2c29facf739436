"""Sessions of the desk: a stolen row lets nobody in, idle ones end, and their owner sees and ends each."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session as DjangosSession
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from signatures.admin import second_factor_login
from signatures.models import AuditEntry, Organiser, Petition, Session, TotpDevice
from signatures.models.choices import AuditAction
from signatures.safeguarding.second_factors import take_code
from signatures.safeguarding.sessions import SessionStore
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import query, traces_of
from tests.support.page_reading import page_of, read, words
from tests.support.second_factor import STEP, browser_with_password, code_now, new_account

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
LOGIN = "/admin/login/"
SESSIONS = "/admin/sessions/"
pytestmark = pytest.mark.django_db


def log_in(organiser: Organiser, user_agent: str = FIREFOX, client: Client | None = None) -> Client:
    """Return a browser that has logged in."""
    browser = client or Client(headers={"user-agent": user_agent})
    form = {"username": organiser.username, "password": factories.PASSWORD}
    assert browser.post(LOGIN, form)["Location"] == "/admin/"
    return browser


def is_in(client: Client) -> bool:
    """Return whether a browser is still let in."""
    return client.get(SESSIONS).status_code == 200


def grow_older(**times: timedelta) -> None:
    """Let all sessions have happened earlier."""
    Session.objects.update(**{name: F(name) - time for name, time in times.items()})


def ended(organiser: Organiser) -> list[tuple[int | None, int | None]]:
    """Return who ended how many sessions of an account, from the audit log."""
    entries = AuditEntry.objects.filter(action=AuditAction.SESSIONS_ENDED, target=organiser.pk).order_by("pk")
    return list(entries.values_list("actor", "amount"))


def test_a_stolen_row_is_no_login() -> None:
    organiser = factories.make_organiser()
    owner = log_in(organiser)
    cookie = owner.cookies["session"].value
    assert len(cookie) == 32
    assert traces_of(cookie) == []
    assert not DjangosSession.objects.exists()
    (row,) = query("SELECT * FROM signatures_session")
    copied = [bytes(value) if isinstance(value, memoryview) else value for value in row]
    stolen = {str(value) for value in copied} | {value.hex() for value in copied if isinstance(value, bytes)}
    stolen |= {part for value in list(stolen) for part in re.split(r"[:.]", value)}
    assert len(stolen) > 8
    for value in stolen:
        thief = Client()
        thief.cookies["session"] = value
        assert not is_in(thief), value
    assert is_in(owner)


def test_the_data_of_one_session_are_worth_nothing_in_another_row() -> None:
    administrator, editor = factories.make_organiser(), factories.make_organiser("Editors")
    mine, theirs = log_in(editor), log_in(administrator)
    data = Session.objects.get(organiser=administrator).data
    Session.objects.filter(organiser=editor).update(data=data, organiser=administrator)
    assert not is_in(mine)
    assert is_in(theirs)


def test_a_session_ends_after_half_an_hour_without_use_and_each_use_counts() -> None:
    client = log_in(factories.make_organiser())
    for _ in range(3):
        grow_older(seen_at=timedelta(minutes=29))
        assert is_in(client)
    grow_older(seen_at=timedelta(minutes=30))
    assert not is_in(client)
    assert not is_in(client)


def test_a_session_ends_after_twelve_hours_however_much_it_is_used() -> None:
    client = log_in(factories.make_organiser())
    grow_older(created_at=timedelta(hours=11, minutes=59))
    assert is_in(client)
    new = "another long password of the tests"
    form = {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", form).status_code == 302
    assert is_in(client)
    grow_older(created_at=timedelta(minutes=1))
    assert not is_in(client)


def test_the_last_use_is_written_once_a_minute_and_nothing_is_read_on_public_pages(petition: Petition) -> None:
    client = log_in(factories.make_organiser())
    grow_older(seen_at=timedelta(minutes=2))
    for expected in (1, 0, 0):
        with CaptureQueriesContext(connection) as queries:
            client.get(SESSIONS)
        assert len([one for one in queries if 'UPDATE "signatures_session"' in one["sql"]]) == expected
    client.cookies["session"]["path"] = "/"
    with CaptureQueriesContext(connection) as queries:
        read(client, page_of(petition))
    assert "signatures_session" not in str(queries.captured_queries)


def test_the_owner_sees_every_browser_and_ends_one_or_all_others() -> None:
    organiser, colleague = factories.make_organiser("Editors"), factories.make_organiser("Editors")
    here, phone, old = log_in(organiser), log_in(organiser, SAFARI), log_in(organiser, "curl/8")
    elsewhere = log_in(colleague)
    page = words(read(here, SESSIONS))
    assert "Firefox on Windows This one" in page
    assert "Safari on iOS" in page
    assert "an unknown browser" in page
    foreign = Session.objects.get(organiser=colleague).pk
    here.post(SESSIONS, {"end": foreign})
    assert is_in(elsewhere)
    number = Session.objects.get(organiser=organiser, system="iOS").pk
    answer = here.post(SESSIONS, {"end": number}, follow=True)
    assert "1 session is ended." in words(answer.content.decode())
    assert (is_in(phone), is_in(old), is_in(here)) == (False, True, True)
    here.post(SESSIONS, {"end": "others"})
    assert (is_in(old), is_in(here)) == (False, True)
    assert ended(organiser) == [(organiser.pk, 1), (organiser.pk, 1)]
    for wrong in ("", "x", "9" * 30):
        assert here.post(SESSIONS, {"end": wrong}).status_code == 400
    stored = str(query("SELECT * FROM signatures_session"))
    assert "127.0.0.1" not in stored
    assert "Mozilla" not in stored


def test_a_request_that_runs_while_its_session_is_ended_does_not_bring_it_back() -> None:
    client = log_in(factories.make_organiser())
    store = SessionStore(client.cookies["session"].value)
    store["kept"] = "something"
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_a_session_that_was_ended_does_not_come_back_with_a_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    anna = new_account(has_app=True)
    browser = browser_with_password()
    for renew in (SessionStore.cycle_key, SessionStore.outlive):
        store = SessionStore(browser.cookies["session"].value)
        assert store["_auth_user_id"] == str(anna.pk)
        with transaction.atomic():
            Session.objects.all().delete()
            with pytest.raises(UpdateError):
                renew(store)
            assert not Session.objects.exists()
            transaction.set_rollback(True)

    def take(**values: Any) -> TotpDevice | None:
        Session.objects.all().delete()
        return take_code(**values)

    monkeypatch.setattr(second_factor_login, "take_code", take)
    assert browser.post(STEP, {"code": code_now()})["Location"].startswith("/admin/login/")
    assert not Session.objects.exists()
    assert not is_in(browser)


@pytest.mark.parametrize("values", [{"is_active": False}, {"is_staff": False}, {"password": "another"}])
def test_sessions_end_with_the_account_or_its_password_and_do_not_come_back_with_it(values: dict[str, object]) -> None:
    organiser = factories.make_organiser()
    client = log_in(organiser)
    Organiser.objects.filter(pk=organiser.pk).update(**values)
    assert not Session.objects.filter(organiser=organiser).exists()
    Organiser.objects.filter(pk=organiser.pk).update(is_active=True, is_staff=True, password=organiser.password)
    assert not is_in(client)


def test_an_administrator_ends_the_sessions_of_an_account_that_has_no_more_rights() -> None:
    superuser, administrator = factories.make_organiser(), factories.make_organiser("Administrators")
    editor = factories.make_organiser("Editors")
    top, desk, victim = log_in(superuser), log_in(administrator), log_in(editor)
    path = f"/admin/signatures/organiser/{editor.pk}/sessions/"
    assert "is logged in with 1 browser." in words(read(desk, path))
    assert desk.post(path).status_code == 302
    assert not is_in(victim)
    assert ended(editor) == [(administrator.pk, 1)]
    above = f"/admin/signatures/organiser/{superuser.pk}/sessions/"
    assert (desk.get(above).status_code, desk.post(above).status_code) == (403, 403)
    assert is_in(top)
    own = f"/admin/signatures/organiser/{administrator.pk}/sessions/"
    desk.post(own)
    assert is_in(desk)


def test_logging_in_anew_begins_anew_whoever_had_the_cookie() -> None:
    organiser = factories.make_organiser()
    client = log_in(organiser)
    before = client.cookies["session"].value
    grow_older(created_at=timedelta(hours=11))
    log_in(organiser, client=client)
    assert client.cookies["session"].value != before
    grow_older(created_at=timedelta(hours=11))
    assert is_in(client)
    assert Session.objects.count() == 1


def test_the_worker_deletes_the_rows_of_sessions_that_have_ended() -> None:
    log_in(factories.make_organiser())
    grow_older(seen_at=timedelta(minutes=31))
    fresh = log_in(factories.make_organiser())
    for _, job in Worker().jobs:
        if job == SessionStore.clear_expired:
            job()
    assert Session.objects.count() == 1
    assert is_in(fresh)
