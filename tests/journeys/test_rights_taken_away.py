"""A right that is taken away ends what is under way by it: an export, a rule at work, news by mail."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django_otp.middleware import OTPMiddleware
from pytest_django import Settings, live_server_helper

from signatures.admin.going_on import reason_to_stop
from signatures.delivering import rows
from signatures.mailing.alerting import alert_milestone, alert_refusals, alert_wave, drop_unwanted_news
from signatures.models import AlertNews, AlertWish, AuditEntry, Batch, Organiser, Petition, Session, Signature
from signatures.models.choices import AuditAction, BatchAction, BatchStage, StateReason, StopReason
from signatures.moderating import batch_steps
from signatures.moderating.batch_steps import make_step
from signatures.moderating.batches import make_batch, start_batch, undo_batch
from signatures.safeguarding.sessions import SessionStore
from tests.support import factories
from tests.support.alerts import make_wish
from tests.support.desk_clients import make_member
from tests.support.name_lists import LONG_LIST_ROWS, add_long_list, export_path, recipient_of, recorded_exports
from tests.support.second_factor import STEP, code_now, give_second_factor
from tests.support.waiting import wait_until

SETTLE_SECONDS = 60.0
CSRF_TOKEN = "c" * 32
# Far less than the list; with much less, what has been sent before would take a minute to arrive.
RECEIVE_BYTES = 64 * 1024
Taking = Callable[[Organiser], object]


def leave_petition(organiser: Organiser) -> None:
    organiser.memberships.all().delete()


def close_account(organiser: Organiser) -> None:
    Organiser.objects.filter(pk=organiser.pk).update(is_active=False)


def end_sessions(_organiser: Organiser) -> None:
    Session.objects.all().delete()


def lose_factor(organiser: Organiser) -> None:
    organiser.totp_devices.all().delete()


def change_password(organiser: Organiser) -> None:
    Organiser.objects.filter(pk=organiser.pk).update(password="!")


def order(browser: http.client.HTTPConnection, client: Client, petition: Petition) -> None:
    """Order a list over a socket that takes little at once."""
    form = {"recipient": recipient_of(petition, "Parliament").pk, "language": "en", "delimiter": ",", "reason": "x"}
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    values = (client.cookies[settings.SESSION_COOKIE_NAME].value, CSRF_TOKEN)
    browser.connect()
    browser.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    browser.request(
        "POST",
        export_path(petition),
        urlencode({**form, "csrfmiddlewaretoken": CSRF_TOKEN}),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(map("=".join, zip(names, values, strict=True))),
        },
    )


@pytest.mark.xdist_group("servers")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("take", "reason"),
    [
        (leave_petition, "RIGHT_TAKEN"),
        (close_account, "CLOSED_MEANWHILE"),
        (end_sessions, "SESSION_ENDED"),
        (lose_factor, "SESSION_ENDED"),
        (change_password, "SESSION_ENDED"),
    ],
)
def test_an_export_is_broken_off_once_whoever_asked_for_it_may_not_have_it(
    live_server: live_server_helper.LiveServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    take: Taking,
    reason: str,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    monkeypatch.setattr(rows, "BLOCK_ROWS", 1000)
    petition = factories.make_petition()
    add_long_list(petition)
    organiser, client = make_member("Organisers", petition), Client()
    client.force_login(organiser)
    give_second_factor(client, organiser)
    host, port = live_server.url.removeprefix("http://").split(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=SETTLE_SECONDS)) as browser:
        order(browser, client, petition)
        with closing(browser.getresponse()) as response:
            assert response.status == 200
            content = response.read(100)
            take(organiser)
            time.sleep(1.1)
            # This server sends no chunks, whose missing end would be an error here.
            with suppress(http.client.IncompleteRead, ConnectionError):
                content += response.read()
    wait_until(lambda: len(recorded_exports()) > 1)
    _, last = recorded_exports()
    assert last.details.get("broken_off") == reason
    assert content.count(b"\n") < LONG_LIST_ROWS
    assert last.action == AuditAction.EXPORT_ABORTED
    assert last.amount is not None
    assert last.amount < LONG_LIST_ROWS


class SlowForm(io.BytesIO):
    """A form during whose sending something happens."""

    def __init__(self, content: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(content)
        self.meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        """Let it happen, and return the content."""
        self.meanwhile()
        return super().read(size)


@pytest.mark.django_db
@pytest.mark.parametrize("take", [close_account, end_sessions, change_password])
def test_whoever_sends_a_form_slowly_has_the_rights_that_are_left_when_it_is_complete(take: Taking) -> None:
    organiser, victim = factories.make_organiser(), factories.make_organiser("Editors")
    client = Client()
    client.force_login(organiser)
    content = urlencode({"reason": "x"}).encode()
    sent: dict[str, Any] = {"wsgi.input": SlowForm(content, lambda: take(organiser))}
    answer = client.generic(
        "POST",
        f"/admin/signatures/organiser/{victim.pk}/close/",
        content,
        "application/x-www-form-urlencoded",
        **sent,
    )
    assert answer.status_code == 403
    assert "You are not logged in any more" in answer.content.decode()
    victim.refresh_from_db()
    assert victim.is_active


def break_off() -> None:
    raise ConnectionResetError


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("password_change/", "application/x-www-form-urlencoded", 403),
        ("second-factor/passkey/complete/", "application/json", 400),
    ],
)
def test_a_form_that_is_cut_off_is_refused_and_no_error_of_ours(path: str, kind: str, status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_organiser())
    sent: dict[str, Any] = {"wsgi.input": SlowForm(b"a", break_off)}
    answer = client.generic("POST", f"/admin/{path}", b"a", kind, **sent)
    assert answer.status_code == status


def asked_by(client: Client) -> Callable[[], StopReason | None]:
    """Return what is asked while a file is on its way to a browser."""
    request = HttpRequest()
    request.session = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    request.user = get_user(request)
    OTPMiddleware(lambda _request: HttpResponse())(request)
    return reason_to_stop(request, "view_auditentry", None)


@pytest.mark.django_db
def test_a_download_goes_on_under_a_new_key_and_ends_with_its_own_session(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    organiser, client, other = factories.make_organiser("Auditors"), Client(), Client()
    for browser in (other, client):
        browser.force_login(organiser)
        give_second_factor(browser, organiser)
    # Two logins are never in one transaction but in a test.
    own = Session.objects.latest("pk")
    Session.objects.exclude(pk=own.pk).update(created_at=own.created_at - timedelta(minutes=1))
    stop = asked_by(client)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.post(STEP, {"code": code_now()}).status_code == 302
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != key
    assert stop() is None
    Session.objects.filter(created_at=own.created_at).delete()
    assert other.get("/admin/").status_code == 200
    assert stop() == StopReason.SESSION_ENDED


@pytest.mark.django_db
@pytest.mark.parametrize("take", [leave_petition, close_account])
def test_a_rule_stops_when_whoever_started_it_may_not_decide_any_more(
    petition: Petition, monkeypatch: pytest.MonkeyPatch, take: Taking
) -> None:
    monkeypatch.setattr(batch_steps, "ROWS_MAX", 2)
    signatures = [factories.make_signature(petition) for _ in range(5)]
    organiser = make_member("Moderators", petition)
    batch = make_batch(rule=Batch(petition=petition), actor=organiser)
    start_batch(pk=batch.pk, action=BatchAction.REMOVE, reason=StateReason.INVENTED, actor=organiser)
    assert make_step()
    take(organiser)
    assert make_step()
    assert not make_step()
    batch.refresh_from_db()
    assert (batch.stage, batch.changed, batch.can_be_undone) == (BatchStage.CANCELLED, 2, True)
    assert Signature.objects.filter(pk__in=[one.pk for one in signatures], state="REMOVED").count() == 2
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.amount) == (AuditAction.BATCH_CANCELLED, None, 2)
    assert entry.details["broken_off"] == "RIGHT_TAKEN"


@pytest.mark.django_db
def test_undoing_goes_by_the_right_of_whoever_undoes(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_steps, "ROWS_MAX", 2)
    for _ in range(5):
        factories.make_signature(petition)
    starter, undoer, third = (make_member("Moderators", petition) for _ in range(3))
    batch = make_batch(rule=Batch(petition=petition), actor=starter)
    start_batch(pk=batch.pk, action=BatchAction.REMOVE, reason=StateReason.INVENTED, actor=starter)
    while make_step():
        pass
    leave_petition(starter)
    for actor, left in ((undoer, 3), (third, 0)):
        undo_batch(pk=batch.pk, actor=actor)
        assert make_step()
        if left:
            leave_petition(actor)
        while make_step():
            pass
        assert Signature.objects.filter(state="REMOVED").count() == left
        batch.refresh_from_db()
        assert batch.stage == (BatchStage.CANCELLED if left else BatchStage.UNDONE)


@pytest.mark.django_db
def test_news_of_a_petition_goes_to_those_with_the_right_there_and_of_the_site_to_those_of_the_site(
    petition: Petition,
) -> None:
    other = factories.make_petition()
    wishes: dict[str, AlertWish] = {"site": make_wish("a@example.org")}
    for name, role, where in (
        ("here", "Organisers", petition),
        ("editor here", "Editors", petition),
        ("there", "Organisers", other),
    ):
        wish = wishes[name] = make_wish(f"{len(wishes)}@example.org")
        AlertWish.objects.filter(pk=wish.pk).update(organiser=make_member(role, where))

    def heard() -> dict[str, set[str]]:
        found = {
            name: set(AlertNews.objects.filter(wish=wish).values_list("kind", flat=True))
            for name, wish in wishes.items()
        }
        return {name: kinds for name, kinds in found.items() if kinds}

    alert_wave(petition)
    assert heard() == {"site": {"WAVE"}, "here": {"WAVE"}}
    alert_milestone(petition.pk, 100)
    alert_refusals()
    everything = {"WAVE", "MILESTONE", "MAIL"}
    assert heard() == {"site": everything, "here": {"WAVE", "MILESTONE"}, "editor here": {"MILESTONE"}}
    AlertWish.objects.get(pk=wishes["here"].pk).organiser.memberships.all().delete()
    drop_unwanted_news()
    assert heard() == {"site": everything, "editor here": {"MILESTONE"}}
