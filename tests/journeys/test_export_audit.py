"""What the audit log keeps of a list, whole or broken off, and that nothing stays open behind it."""

from __future__ import annotations

import hashlib
import http.client
import socket
from collections.abc import Callable, Generator
from contextlib import closing
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import live_server_helper

from signatures.delivering import rows
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_export
from signatures.delivering.watermarks import editions_in
from signatures.models import AuditEntry, Packing, Petition, Recipient
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import query, rows_per_table, rows_written, traces_of
from tests.support.name_lists import (
    LONG_LIST_ROWS,
    add_long_list,
    add_signatures,
    content_of,
    export_path,
    order_list,
    recipient_of,
    recorded_exports,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[str], Client]
SETTLE_SECONDS = 20.0
CSRF_TOKEN = "c" * 32


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names."""
    return recipient_of(petition, "Parliament")


def started(recipient: Recipient) -> Generator[bytes]:
    """Start a list as a command does."""
    return start_export(recipient=recipient, layout=Layout("en", ","), reason="Hand-over", actor=None)


def other_connections() -> list[str]:
    """Return the states of all connections to this database but our own and those that lie idle."""
    rows = query(
        "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    return [state for (state,) in rows if state != "idle"]


def test_two_rows_say_who_made_a_list_why_and_what_exactly_was_sent(
    petition: Petition, parliament: Recipient, organiser_client: LogIn
) -> None:
    add_signatures(petition, ["Аня Ўлашэнка", None, "Second"])
    client = organiser_client("Organisers")
    before = rows_per_table()
    content = content_of(order_list(client, parliament, delimiter=";", language="ru", reason=" To be handed over "))
    first, last = recorded_exports()
    assert (first.action, last.action) == (AuditAction.EXPORT_STARTED, AuditAction.EXPORT_FINISHED)
    for entry in (first, last):
        assert entry.actor is not None
        assert entry.actor.pk == int(client.session["_auth_user_id"])
        assert (entry.petition, entry.target) == (petition, parliament.pk)
    assert first.reason == "To be handed over"
    (edition,) = editions_in(content.decode())
    packing = Packing.objects.get(edition=edition)
    assert first.details == {
        "delivery": packing.delivery_id,
        "file": "signatures.csv",
        "names": True,
        "language": "ru",
        "delimiter": ";",
        "edition": edition,
    }
    assert last.amount == 2
    assert last.details == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    # The manifest names the head of the log, for which what is there is sealed.
    written = {"signatures_auditentry": 2, "signatures_auditseal": 2, "signatures_delivery": 1, "signatures_packing": 1}
    assert rows_written(before) == written
    assert packing.files[0] == {"name": "signatures.csv", "sha256": last.details["sha256"]}
    assert not [place for place in traces_of("Аня Ўлашэнка") if not place.startswith("signatures_signature.")]


def test_the_start_is_recorded_before_the_first_byte_and_the_end_after_the_last(
    petition: Petition, parliament: Recipient
) -> None:
    add_signatures(petition, ["One"])
    pieces = started(parliament)
    assert [entry.action for entry in recorded_exports()] == [AuditAction.EXPORT_STARTED]
    taken = [next(pieces), next(pieces)]
    assert b"One" in taken[1]
    assert next(pieces) == b"\n"
    assert len(recorded_exports()) == 1
    assert list(pieces) == []
    assert [entry.action for entry in recorded_exports()][1:] == [AuditAction.EXPORT_FINISHED]


@pytest.mark.parametrize(("taken", "amount"), [(0, 0), (1, 0), (2, 0), (3, 3), (4, 6)])
def test_a_list_that_is_let_go_early_is_recorded_as_broken_off_and_leaves_nothing_open(
    petition: Petition, parliament: Recipient, monkeypatch: pytest.MonkeyPatch, taken: int, amount: int
) -> None:
    monkeypatch.setattr(rows, "BLOCK_ROWS", 3)
    add_signatures(petition, [f"Signer {number}" for number in range(10)])
    pieces = started(parliament)
    got = b"".join(next(pieces) for _ in range(taken))
    pieces.close()
    _, last = recorded_exports()
    # The piece that was handed out last may not have arrived: only those before it are counted.
    assert (last.action, last.amount) == (AuditAction.EXPORT_ABORTED, amount)
    assert last.details == {"bytes": len(got), "sha256": hashlib.sha256(got).hexdigest()}
    wait_until(lambda: not other_connections())


def test_a_list_that_fails_midway_is_recorded_as_broken_off(
    petition: Petition, parliament: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BLOCK_ROWS", 3)
    add_signatures(petition, [f"Signer {number}" for number in range(10)])
    pieces = started(parliament)
    got = [next(pieces), next(pieces)]
    # An operator ends the statement's connection, before or after it has written the block ahead.
    ending = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'"
    )
    wait_until(lambda: bool(query(ending)))
    with pytest.raises(Exception, match=r"terminat|closed"):
        got.extend(pieces)
    _, last = recorded_exports()
    assert (last.action, last.amount) == (AuditAction.EXPORT_ABORTED, 3 * (len(got) - 1))
    assert last.details["bytes"] == sum(len(piece) for piece in got)


@pytest.mark.xdist_group("servers")
def test_an_organiser_who_closes_the_browser_midway_leaves_a_broken_off_list_and_no_open_transaction(
    petition: Petition, parliament: Recipient, live_server: live_server_helper.LiveServer
) -> None:
    add_long_list(petition)
    client = Client()
    client.force_login(factories.make_organiser("Organisers"))
    form = {"recipient": parliament.pk, "language": "en", "delimiter": ",", "reason": "x"}
    body = urlencode({**form, "csrfmiddlewaretoken": CSRF_TOKEN})
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.CSRF_COOKIE_NAME: CSRF_TOKEN,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
    }
    host, port = live_server.url.removeprefix("http://").split(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=SETTLE_SECONDS)) as browser:
        browser.connect()
        browser.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        browser.request("POST", export_path(petition), body, headers)
        with closing(browser.getresponse()) as response:
            assert response.status == 200
            assert b"number,name" in response.read(100)
    wait_until(lambda: AuditEntry.objects.filter(action=AuditAction.EXPORT_ABORTED).exists())
    _, last = recorded_exports()
    assert last.amount is not None
    assert last.amount < LONG_LIST_ROWS
    wait_until(lambda: not other_connections())
