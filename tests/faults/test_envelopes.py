"""What a mail server is told about where a mail comes back to: the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import AnyStr

import pytest
from aiosmtpd.smtp import SMTP, syntax
from django.test import Client
from pytest_django import Settings

from signatures.mailing.sending import Outcome, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import Petition
from tests.support import factories
from tests.support.faults.failing_mail_server import Behaviour, FailingSMTP, MailServer
from tests.support.page_reading import page_of
from tests.support.server.local_site import free_port

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
SENDERS: list[str] = []


class Listening(FailingSMTP):
    """Remembers what it is told as the sender, and knows the extension that asks for short reports or does not."""

    knows_reports = True

    @syntax("MAIL FROM: <address>")
    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Note the whole line."""
        SENDERS.append(arg)
        await super().smtp_MAIL(arg.replace(" RET=HDRS", "") if self.knows_reports else arg)

    async def push(self, status: AnyStr) -> None:
        """Name the extension among the others."""
        if self.knows_reports and status == "250 HELP":
            await super().push("250-DSN")
        await super().push(status)


class Plain(Listening):
    """One that knows nothing of it."""

    knows_reports = False


@contextmanager
def listening(kind: type[Listening]) -> Iterator[str]:
    """Run a server of a kind and yield its address."""

    class Server(MailServer):
        def factory(self) -> SMTP:
            return kind(self.handler, enable_SMTPUTF8=True)

    SENDERS.clear()
    server = Server(Behaviour(), free_port())
    server.start()
    try:
        yield f"smtp://127.0.0.1:{server.port}"
    finally:
        server.stop()


def send_both_kinds(petition: Petition, url: str) -> list[str]:
    """Have a mail of each kind sent to two people, and return what the server was told as their senders."""
    for address in ("a@example.org", "ö@example.org"):
        factories.sign(Client(), petition, email=address)
        Client().post(page_of(petition, "my_signature_request"), {"email": address})
    with closing(SmtpTransport(url)) as transport:
        assert send_batch(transport) == Outcome(sent=4)
    return SENDERS


def test_every_mail_comes_back_to_one_address_without_its_text(petition: Petition, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@petition.example.org"
    with listening(Listening) as url:
        senders = send_both_kinds(petition, url)
    assert {sender.split(" ")[0] for sender in senders} == {"FROM:<bounces@petition.example.org>"}
    assert all("RET=HDRS" in sender for sender in senders)
    # Nothing but the address's own script tells two of them apart.
    assert len(senders) == 4
    assert {
        " ".join(word for word in sender.split(" ") if not word.startswith(("size", "SIZE"))) for sender in senders
    } == {
        "FROM:<bounces@petition.example.org> RET=HDRS",
        "FROM:<bounces@petition.example.org> RET=HDRS SMTPUTF8 BODY=8BITMIME",
    }


def test_a_server_that_does_not_know_short_reports_is_not_asked_for_them(petition: Petition) -> None:
    with listening(Plain) as url:
        senders = send_both_kinds(petition, url)
    assert {sender.split(" ")[0] for sender in senders} == {"FROM:<no-reply@petition.example.org>"}
    assert not [sender for sender in senders if "RET" in sender]
