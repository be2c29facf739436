"""Where Tor says which circuit a connection belongs to, each visitor of the onion service has a share of its own."""

from __future__ import annotations

import http.client
import random
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from signatures.safeguarding.networks import ONION
from tests.support.server.bursts import fresh_networks, next_window, send_at
from tests.support.server.local_site import free_port
from tests.support.server.web_site import HOST, PETITION_PATH, UnixConnection, WebSite, ask, signer, web_site

pytestmark = pytest.mark.xdist_group("servers")

ALLOWED = 20
ONION_ALLOWED = 70
ONION_SECONDS = 10
PATH = "/en/confirm/"
FORM = {"code": "0000-0000-0000-0000"}


def line_of(circuit: int) -> bytes:
    """Return what Tor says first with HiddenServiceExportCircuitID (tor-spec, "HAProxy PROXY protocol")."""
    return f"PROXY TCP6 fc00:dead:beef:4dad::{circuit >> 16:x}:{circuit & 0xFFFF:x} ::1 65535 443\r\n".encode()


class CircuitConnection(UnixConnection):
    """A connection as Tor makes it for a visitor.

    begin: the bytes before the first request.
    """

    def __init__(self, address: str, begin: bytes) -> None:
        super().__init__(address.removeprefix("unix:"), 30)
        self.address = address
        self.begin = begin

    def connect(self) -> None:
        """Connect, and name the circuit."""
        if self.address.startswith("unix:"):
            super().connect()
        else:
            host, _, port = self.address.rpartition(":")
            self.sock = socket.create_connection((host, int(port)), timeout=self.timeout)
        self.sock.sendall(self.begin)


@pytest.fixture(scope="module")
def site(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site with two listeners for an onion service that exports circuits."""
    folder = tmp_path_factory.mktemp("circuits")
    onion = [f"127.0.0.1:{free_port()}", f"unix:{folder}/onion.sock"]
    env = {
        "ONION_LISTENERS": ",".join(onion),
        "ONION_CIRCUITS": "1",
        "FORM_RATES": f"{ALLOWED}/m",
        "ONION_RATES": f"{ONION_ALLOWED}/{ONION_SECONDS}s",
    }
    with web_site(loaded_database, folder, env, onion) as running:
        yield running


def circuits() -> Iterator[str]:
    """Yield circuits as the limits name them, in any order."""
    while True:
        yield f"circuit:{random.randrange(1, 2**32):08x}"  # noqa: S311


def connection_of(site: WebSite, circuit: str, listener: int = 0) -> CircuitConnection:
    """Return a connection of a visitor."""
    return CircuitConnection(site.binds[listener], line_of(int(circuit.removeprefix("circuit:"), 16)))


def send_all(site: WebSite, begins: float, visitors: list[str]) -> Counter[tuple[str, int]]:
    """Send a form for each visitor, over both listeners, at one instant."""
    connections: list[http.client.HTTPConnection] = [
        connection_of(site, circuit, number % 2) for number, circuit in enumerate(visitors)
    ]
    answers = send_at(begins, connections, lambda _, connection: ask(connection, PATH, FORM))
    return Counter((circuit, answer.status) for circuit, answer in zip(visitors, answers, strict=True))


def test_each_circuit_has_a_share_and_being_refused_takes_nothing_from_the_others(site: WebSite) -> None:
    (greedy, modest), begins = fresh_networks(circuits(), 2)
    begins = next_window(ONION, ONION_SECONDS, not_before=begins)
    counted = send_all(site, begins, [greedy] * (ALLOWED + 70) + [modest] * ALLOWED)
    assert counted == {(greedy, 303): ALLOWED, (greedy, 429): 70, (modest, 303): ALLOWED}


def test_all_circuits_together_have_the_limit_of_the_onion_service(site: WebSite) -> None:
    many = [next(circuits()) for _ in range(ONION_ALLOWED + 30)]
    counted = send_all(site, next_window(ONION, ONION_SECONDS), many)
    statuses = Counter(status for (_, status), amount in counted.items() for _ in range(amount))
    assert statuses == {303: ONION_ALLOWED, 429: 30}
    # Nobody else waits for it.
    assert site.post(PATH, FORM).status == 303


@pytest.mark.parametrize("listener", [0, 1], ids=["port", "Unix socket"])
def test_all_requests_of_a_connection_belong_to_its_circuit(site: WebSite, listener: int) -> None:
    (circuit,), begins = fresh_networks(circuits())
    time.sleep(next_window(ONION, ONION_SECONDS, not_before=begins) - time.time())
    with closing(connection_of(site, circuit, listener)) as connection:
        statuses = [ask(connection, PATH, FORM).status for _ in range(ALLOWED + 1)]
    assert statuses == [303] * ALLOWED + [429]
    with closing(connection_of(site, circuit, 1 - listener)) as connection:
        assert ask(connection, PATH, FORM).status == 429


def talk(site: WebSite, bind: str, begin: bytes) -> bytes:
    """Say something, ask for a page, and return the answer."""
    request = f"GET /en/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    # At once, or the answer may come before the request.
    with closing(CircuitConnection(bind, begin + request)) as connection:
        connection.connect()
        assert connection.sock is not None
        answer = b""
        while piece := connection.sock.recv(65536):
            answer += piece
        return answer


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n",
        b"PROXY UNKNOWN\r\n",
        b"PROXY TCP6 zyzzyva ::1 1 2\r\n",
        b"PROXY TCP6 fc00:dead:beef:4dad::0:1 ::1 1 2\n",
        b"PROXY TCP6 fc00:dead:beef:4dad::0:1 ::1 1 2 3\r\n",
        b"PROXY TCP6 " + b"0" * 200 + b"::1 ::1 1 2\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12),
        b" " + line_of(7),
    ],
)
def test_a_connection_that_does_not_begin_with_a_circuit_is_refused(site: WebSite, begin: bytes) -> None:
    for bind in site.binds:
        assert talk(site, bind, begin).startswith(b"HTTP/1.1 400 ")
    assert "zyzzyva" not in site.log
    assert "Traceback" not in site.log


def test_a_circuit_that_comes_in_pieces_is_understood(site: WebSite) -> None:
    with closing(CircuitConnection(site.binds[0], b"")) as connection:
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in line_of(0x77_0001):
            connection.sock.sendall(bytes([byte]))
        assert ask(connection, "/en/").status == 200


def test_nobody_else_names_a_circuit(site: WebSite) -> None:
    assert talk(site, f"127.0.0.1:{site.port}", line_of(1)).startswith(b"HTTP/1.1 400 ")
    assert talk(site, f"127.0.0.1:{site.port}", b"").startswith(b"HTTP/1.1 200 ")


def test_without_the_setting_a_visitor_of_the_onion_service_names_none(
    loaded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    onion = f"127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("no-circuits")
    with web_site(loaded_database, folder, {"ONION_LISTENERS": onion, "WEB_WORKERS": "1"}, [onion]) as running:
        assert talk(running, onion, line_of(1)).startswith(b"HTTP/1.1 400 ")
        assert talk(running, onion, b"").startswith(b"HTTP/1.1 200 ")


def test_a_form_is_taken_over_a_circuit(site: WebSite) -> None:
    time.sleep(next_window(ONION, ONION_SECONDS) - time.time())
    with closing(connection_of(site, next(circuits()))) as connection:
        assert ask(connection, PETITION_PATH, signer()).status == 303
