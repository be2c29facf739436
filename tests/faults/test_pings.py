"""Signs of life go to a dead man's switch while all is well, stop with the worker, and hold nobody up."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from signatures import worker as worker_module
from signatures.models import Petition
from signatures.models.operating import TroubleKind
from signatures.operating import pinging
from signatures.operating.pinging import Pinger, PingError
from signatures.operating.troubles import note_troubles
from signatures.operating.watching import OperatorWatch
from signatures.worker import Worker
from tests.support.certificates import Authority
from tests.support.database import let_mails_grow_old, query
from tests.support.faults.fake_relays import queue
from tests.support.mailbox import Mailbox
from tests.support.operating.ping_server import SECRET, Switch, heard, ping_server
from tests.support.waiting import wait_until
from tests.support.worker_process import worker

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
REAL = pytest.mark.django_db(transaction=True)


@pytest.fixture
def switch(settings: Settings) -> Iterator[Switch]:
    """Run a dead man's switch, and point the settings to it."""
    with ping_server() as running:
        settings.OPERATOR_PING_URL = running.url
        yield running


def look(mailbox: Mailbox) -> None:
    """Let the worker look what is amiss."""
    watch = OperatorWatch()
    watch.look(mailbox.transport)
    if watch.pinger._thread is not None:
        watch.pinger._thread.join()


def test_a_sign_is_sent_while_all_is_well_and_one_of_failure_once_trouble_lasts(
    switch: Switch, mailbox: Mailbox, petition: Petition
) -> None:
    look(mailbox)
    assert heard(switch, 1) == [""]
    queue(petition, "a@example.org")
    let_mails_grow_old(timedelta(minutes=20))
    look(mailbox)
    assert heard(switch, 2) == ["", ""]
    query("UPDATE signatures_trouble SET began_at = began_at - interval '6 min'")
    look(mailbox)
    assert heard(switch, 3)[2] == "/fail"
    query("DELETE FROM signatures_outgoingmail")
    look(mailbox)
    assert heard(switch, 4)[3] == "/fail"
    query("UPDATE signatures_trouble SET ended_at = ended_at - interval '6 min'")
    look(mailbox)
    assert heard(switch, 5)[4] == ""


def test_what_can_wait_is_no_failure(switch: Switch, mailbox: Mailbox) -> None:
    note_troubles({TroubleKind.CONTACT: ["a placeholder"]})
    query("UPDATE signatures_trouble SET began_at = began_at - interval '1 day'")
    assert not TroubleKind.CONTACT.is_urgent
    assert TroubleKind.BACKUP.is_urgent
    look(mailbox)
    assert heard(switch, 1) == [""]


def test_a_sign_says_nothing_of_the_site(switch: Switch, settings: Settings) -> None:
    settings.OPERATOR_PING_URL += "?create=1"
    Pinger().send(is_fine=False)
    assert heard(switch, 1) == ["/fail?create=1"]
    (headers,) = switch.sent
    assert set(headers) == {"Host", "Accept-Encoding", "User-Agent"}
    assert headers["User-Agent"] == "petition"


def test_without_an_address_nothing_is_sent(settings: Settings, switch: Switch) -> None:
    settings.OPERATOR_PING_URL = ""
    Pinger().ping(is_fine=True)
    time.sleep(0.1)
    assert switch.paths == []


def test_a_redirect_is_not_followed_and_counts_as_no_answer(switch: Switch) -> None:
    with ping_server() as elsewhere:
        switch.status, switch.headers = 302, {"Location": elsewhere.url}
        with pytest.raises(PingError, match="302"):
            Pinger().send(is_fine=True)
        assert elsewhere.paths == []


def test_a_certificate_of_nobody_is_refused(settings: Settings, tmp_path: Path) -> None:
    with ping_server(Authority().server_context(tmp_path, "127.0.0.1")) as switch:
        settings.OPERATOR_PING_URL = switch.url
        with pytest.raises(PingError, match="SSLCertVerificationError"):
            Pinger().send(is_fine=True)
        assert switch.paths == []


def test_the_log_says_once_that_signs_are_not_taken_and_never_where_they_go(
    switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    switch.status = 500
    pinger = Pinger()
    for _ in range(3):
        pinger.ping(is_fine=True)
        assert pinger._thread is not None
        pinger._thread.join()
    assert [record.getMessage() for record in caplog.records] == [
        "A sign of life to OPERATOR_PING_URL was not taken (500)."
    ]
    assert SECRET not in caplog.text
    assert "127.0.0.1" not in caplog.text


@pytest.mark.parametrize("how", ["silent", "drips"])
def test_a_switch_that_hangs_holds_up_neither_mails_nor_later_signs(
    switch: Switch, mailbox: Mailbox, petition: Petition, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(pinging, "TIMEOUT_SECONDS", 1.0)
    setattr(switch, how, True)
    one = Worker()
    one.transport = mailbox.transport
    one.jobs, one.due = [(60.0, one.watch_for_operator)], [0.0]
    queue(petition, "a@example.org")
    begun = time.monotonic()
    one.round()
    assert len(mailbox.messages()) == 1
    assert time.monotonic() - begun < 3
    heard(switch, 1)
    thread = one.operator_watch.pinger._thread
    assert thread is not None
    assert thread.is_alive()
    # The next look breaks it off, if it has not ended by itself, and the one after that is heard again.
    setattr(switch, how, False)
    one.operator_watch.pinger.ping(is_fine=True)
    thread.join(10)
    assert not thread.is_alive()
    one.operator_watch.pinger.ping(is_fine=True)
    assert heard(switch, 2) == ["", ""]


@REAL
def test_signs_stop_with_a_worker_that_is_killed(
    switch: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_PING_URL", switch.url)
    with worker(tmp_path.as_uri()) as process:
        wait_until(lambda: switch.paths != [])
        process.kill()
        process.wait()
        before = len(switch.paths)
        time.sleep(0.5)
        assert len(switch.paths) == before


@REAL
def test_a_worker_that_hangs_sends_none_either(
    switch: Switch, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "OPERATOR_SECONDS", 0.0)
    one = Worker()
    one.transport = mailbox.transport
    one.jobs = [(0.0, one.watch_for_operator), (0.0, lambda: time.sleep(0.5))]
    one.due = [0.0, 0.0]
    one.round()
    heard(switch, 1)
    time.sleep(0.3)
    assert len(switch.paths) == 1


def said() -> str:
    """Return what the command says."""
    out = io.StringIO()
    call_command("tell_operator", stdout=out)
    return out.getvalue()


def test_the_command_tries_both_and_says_what_became_of_them(
    switch: Switch, mailbox: Mailbox, settings: Settings
) -> None:
    settings.OPERATOR_EMAIL = "operator@example.org"
    assert "has taken a mail to OPERATOR_EMAIL" in said()
    assert heard(switch, 1) == [""]
    (mail,) = mailbox.messages()
    assert (mail["To"], mail["Subject"]) == ("operator@example.org", "Site: a test")
    switch.status, settings.EMAIL_URL = 503, "smtp://127.0.0.1:1"
    with pytest.raises(CommandError) as caught:
        said()
    assert "UNREACHABLE" in str(caught.value)
    assert "OPERATOR_PING_URL was not taken (503)" in str(caught.value)
    assert SECRET not in str(caught.value)
    settings.OPERATOR_EMAIL = settings.OPERATOR_PING_URL = ""
    assert said().count("is not set") == 2
