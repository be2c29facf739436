"""A real IMAP server (Dovecot) with a bounce mailbox, and broken servers."""

from __future__ import annotations

import contextlib
import grp
import imaplib
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.programs import require_program
from tests.support.server.local_site import free_port
from tests.support.waiting import wait_until
from tryout.orphans import end_with_parent

USER, PASSWORD = "bounces", "p@ss/wörd"
HOST = "127.0.0.1"
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = {host}
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mail
first_valid_uid = 1
imap_capability = {capability}
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""


@dataclass
class ImapServer:
    """A running server.

    :param port: port with implicit TLS
    :param plain_port: port with STARTTLS
    """

    folder: Path
    port: int
    plain_port: int

    @property
    def certificate(self) -> Path:
        """Return the path of its certificate, to be trusted by clients."""
        return self.folder / "certificate.pem"

    def url(self, folder: str = "INBOX") -> str:
        """Return the value for BOUNCE_URL."""
        return f"imaps://{USER}:p%40ss%2Fw%C3%B6rd@{HOST}:{self.port}/{folder}"

    def url_by_starttls(self) -> str:
        """Return the value for BOUNCE_URL with STARTTLS."""
        return self.url().replace("imaps://", "imap+tls://").replace(str(self.port), str(self.plain_port))

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Yield a logged-in client."""
        context = ssl.create_default_context(cafile=self.certificate)
        with imaplib.IMAP4_SSL(HOST, self.port, ssl_context=context, timeout=30) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield client

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        """Deliver messages to the mailbox."""
        with self.client() as client:
            client.create(folder)
            for message in messages:
                assert client.append(folder, "", None, message)[0] == "OK"

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """Return all messages, including those marked for deletion, oldest first."""
        with self.client() as client:
            client.select(folder, readonly=True)
            _, found = client.uid("SEARCH", "ALL")
            parts = [client.uid("FETCH", number, "(BODY.PEEK[])")[1][0] for number in found[0].decode().split()]
            return [part[1] for part in parts]

    def kept_on_disk(self, *words: bytes) -> list[str]:
        """Return the files of the mailbox that contain any of these words."""
        return [path.name for path in self.files() if any(word in path.read_bytes() for word in words)]

    def files(self) -> list[Path]:
        """Return the files of the mailbox."""
        return [path for path in (self.folder / "mail").rglob("*") if path.is_file()]


@contextmanager
def imap_server(*, capability: str = "") -> Iterator[ImapServer]:
    """Run a server with an empty mailbox.

    :param capability: capabilities to announce instead of the true ones
    """
    program = require_program("dovecot")
    # Socket paths must be short.
    with tempfile.TemporaryDirectory(prefix="imap-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = ImapServer(folder, free_port(), free_port())
        _make_certificate(folder)
        me = pwd.getpwuid(os.getuid())
        # Dovecot refuses mailboxes of root, and as another user it can't switch accounts.
        owner, internal, login = ("nobody", "dovecot", "dovenull") if me.pw_uid == 0 else (me.pw_name,) * 3
        account = pwd.getpwnam(owner)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", account.pw_uid, account.pw_gid)
        text = CONFIGURATION.format(
            folder=folder, host=HOST, capability=capability, internal=internal, login=login, password=PASSWORD,
            group=internal if me.pw_uid == 0 else _group_of(me.pw_gid), uid=account.pw_uid, gid=account.pw_gid,
            port=server.port, plain_port=server.plain_port,
        )  # fmt: skip
        (folder / "dovecot.conf").write_text(text, encoding="utf-8")
        with subprocess.Popen(
            [program, "-F", "-c", str(folder / "dovecot.conf")],
            preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it makes one system call
        ) as process:
            try:
                wait_until(lambda: _answers(server.port) and _answers(server.plain_port))
                yield server
            finally:
                process.terminate()
                process.wait(30)


@contextmanager
def broken_server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """Listen on a port, call ``behave`` with each connection in its own thread, and yield the port."""
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    visitor, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_behave, args=(behave, visitor), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _behave(behave: Callable[[socket.socket], None], visitor: socket.socket) -> None:
    with visitor, contextlib.suppress(OSError):
        behave(visitor)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _group_of(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "imap of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
