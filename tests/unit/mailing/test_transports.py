"""Mails are sent over one SMTP connection that is kept open, or written to a folder."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from signatures.mailing.replies import Concern, RefusedError
from signatures.mailing.smtp import SmtpTransport
from signatures.mailing.transports import (
    FolderTransport,
    open_transport,
)
from signatures.models.relay import RelayFault
from tests.support.faults.failing_mail_server import Behaviour, mail_server


class Counted(Behaviour):
    """Counts its connections, and can close them all."""

    def __init__(self) -> None:
        super().__init__()
        self.servers: list[Any] = []

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Remember the connection."""
        self.servers.append(server)
        return await super().handle_EHLO(server, session, envelope, hostname, responses)


@pytest.fixture
def post() -> Counted:
    """Return the mails that a server has accepted, and over how many connections."""
    return Counted()


@pytest.fixture
def transport(post: Counted) -> Iterator[SmtpTransport]:
    """Return a transport to a running mail server."""
    with mail_server(post) as url, closing(SmtpTransport(url)) as transport:
        yield transport


def message(number: int = 1, to: str = "a@example.org") -> EmailMessage:
    """Return a mail."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "no-reply@petition.example.org"
    mail["To"] = to
    mail["Message-ID"] = f"<{number}@petition.example.org>"
    mail.set_content("Здравствуйте\n.\nдо свидания\n")
    return mail


def test_one_connection_is_kept_open_for_many_mails(post: Counted, transport: SmtpTransport) -> None:
    for number in range(20):
        transport.send(message(number))
    assert len(post.servers) == 1
    assert len(post.mails()) == 20
    assert post.mails()[0].text.splitlines() == ["Здравствуйте", ".", "до свидания"]


@pytest.mark.parametrize("farewell", [b"", b"421 4.4.2 Idle for too long\r\n"])
def test_a_connection_that_the_server_closed_while_idle_delays_no_mail(
    post: Counted, transport: SmtpTransport, farewell: bytes
) -> None:
    transport.send(message(1))
    idle = post.servers[0]
    idle.loop.call_soon_threadsafe(idle.transport.write, farewell)
    idle.loop.call_soon_threadsafe(idle.transport.close)
    transport.send(message(2))
    assert [mail.message_id for mail in post.mails()] == [f"<{number}@petition.example.org>" for number in (1, 2)]
    assert len(post.servers) == 2


def test_an_international_address_is_sent_as_it_is(post: Counted, transport: SmtpTransport) -> None:
    transport.send(message(to="подпись@xn--80a1acny.xn--p1ai"))
    assert post.mails()[0].recipient == "подпись@xn--80a1acny.xn--p1ai"


def test_an_international_address_is_not_sent_to_a_server_without_support(
    post: Counted, transport: SmtpTransport
) -> None:
    post.speaks_utf8 = False
    with pytest.raises(RefusedError) as caught:
        transport.send(message(to="подпись@xn--80a1acny.xn--p1ai"))
    verdict = caught.value.verdict
    assert (verdict.concern, verdict.fault) == (Concern.US, RelayFault.INTERNATIONAL)
    transport.send(message())
    assert len(post.mails()) == 1
    assert transport.speaks_utf8 is False


def test_the_settings_name_the_server(settings: Settings, tmp_path: Path) -> None:
    for url, expected in {
        "smtp://mail.example.org": ("mail.example.org", 25, "", "", ""),
        "smtp+tls://me%40x:p%3Aw@mail.example.org": ("mail.example.org", 587, "tls", "me@x", "p:w"),
        "smtp+ssl://mail.example.org": ("mail.example.org", 465, "ssl", "", ""),
        "smtp://mail.example.org:2525": ("mail.example.org", 2525, "", "", ""),
    }.items():
        settings.EMAIL_URL = url
        transport = open_transport()
        assert isinstance(transport, SmtpTransport)
        found = (transport.host, transport.port, transport.encryption, transport.user, transport.password)
        assert found == expected
    settings.EMAIL_URL = (tmp_path / "a folder").as_uri()
    folder = open_transport()
    assert isinstance(folder, FolderTransport)
    assert folder.folder == tmp_path / "a folder"


def test_a_folder_gets_one_file_per_mail_readable_by_its_owner_only(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path / "mail")
    for number in (1, 2, 2):
        transport.send(message(number))
    transport.close()
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == ["1.eml", "2.eml"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
