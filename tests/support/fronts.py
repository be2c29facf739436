"""A site in a thread, and fronts before it over TLS: as they should be, and broken on purpose."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from tests.support.certificates import Authority


@dataclass
class Habits:
    """What a front does with requests.

    :param behind: port of the site behind it
    :param writes: headers that it writes into a request, in place of those of the visitor
    :param appends: whether it appends the visitor's address to X-Forwarded-For, rather than to replace it
    :param keeps_host: whether it passes the visitor's Host on
    :param takes_away: headers of the answer that it drops
    """

    behind: int
    writes: Mapping[str, str] = field(default_factory=lambda: {"X-Forwarded-Proto": "https"})
    appends: bool = False
    keeps_host: bool = True
    takes_away: frozenset[str] = frozenset()


class _Silent(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, *_words: object) -> None:
        """Keep silent."""


@contextmanager
def site_in_thread() -> Iterator[int]:
    """Run the site with the settings of now, and yield its port."""
    # The layers read some settings when they are made.
    with ThreadedWSGIServer(("127.0.0.1", 0), _Silent) as server:
        server.set_app(WSGIHandler())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def front_before(habits: Habits, folder: Path, authority: Authority, name: str) -> Iterator[str]:
    """Run a reverse proxy with a certificate for a host name, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {key: value for key, value in self.headers.items() if key.lower() != "connection"}
            before = headers.pop("X-Forwarded-For", "")
            here = self.client_address[0]
            headers |= {"X-Forwarded-For": f"{before}, {here}" if before and habits.appends else here, **habits.writes}
            if not habits.keeps_host:
                headers["Host"] = f"127.0.0.1:{habits.behind}"
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", habits.behind, timeout=20)) as link:
                    link.request("GET", self.path, headers=headers)
                    answer = link.getresponse()
                    body = answer.read()
            except OSError:
                self.send_error(502)
                return
            self.send_response_only(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in {*habits.takes_away, "transfer-encoding", "content-length", "connection"}:
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Keep silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_of: object) -> None:
            """A client that does not believe the certificate hangs up."""

    folder.mkdir(exist_ok=True)
    context: ssl.SSLContext = authority.server_context(folder, name)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(10)
