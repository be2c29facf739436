"""A dead man's switch on loopback that notes what it is sent, and behaves as badly as it is told to."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SECRET = "0d6f2a52-made-up-secret"


@dataclass
class Switch:
    """What the server has heard, and how it answers.

    status: of its answers.
    headers: of its answers.
    silent: whether it takes requests and says nothing until this is set to False.
    drips: whether it sends its answer byte by byte.
    """

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    drips: bool = False
    paths: list[str] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def ping_server(tls: ssl.SSLContext | None = None) -> Iterator[Switch]:
    """Run a switch, and yield it with its URL."""
    switch = Switch()
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            switch.paths.append(self.path)
            switch.sent.append(dict(self.headers))
            while switch.silent and not over.wait(0.02):
                pass
            if switch.drips:
                self._drip()
                return
            self.send_response(switch.status)
            for name, value in switch.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _drip(self) -> None:
            for byte in b"HTTP/1.1 200 " + b"O" * 10_000:
                self.wfile.write(bytes([byte]))
                if over.wait(0.02):
                    return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the standard library
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that go away are expected
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    switch.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/{SECRET}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield switch
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def heard(switch: Switch, amount: int, seconds: float = 10.0) -> list[str]:
    """Wait until the switch has heard so many signs, and return the last parts of their paths."""
    until = time.monotonic() + seconds
    while len(switch.paths) < amount:
        assert time.monotonic() < until, switch.paths
        time.sleep(0.02)
    return [path.removeprefix(f"/{SECRET}") for path in switch.paths]
