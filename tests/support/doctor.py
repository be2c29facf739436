"""Reads what the doctor says, and stands in for what it speaks with: a DNS server and the front of a site."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset

from signatures.doctor.findings import Check, Finding, Level, Options
from tests.support.server.local_site import free_port

Zone = Mapping[tuple[str, str], str | list[str]]


def said(check: Check, level: Level = Level.WRONG, **options: str) -> list[str]:
    """Return the sentences of a check at one level."""
    return [finding.what for finding in _found(check, options) if finding.level == level]


def complaints(check: Check, **options: str) -> list[str]:
    """Return everything that a check does not find to be right."""
    return [finding.what for finding in _found(check, options) if finding.level != Level.OK]


def _found(check: Check, options: Mapping[str, str]) -> list[Finding]:
    found = list(check(Options(**options)))
    assert all(finding.mend for finding in found if finding.level != Level.OK), found
    return found


@contextmanager
def dns_server(zone: Zone) -> Iterator[str]:
    """Run a DNS server (RFC 1035) on this machine that knows these names and types, and yield its address and port.

    Names above a known one exist, too (RFC 8020); anything else is NXDOMAIN.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            sock.sendto(_answer(zone, data), self.client_address)

    port = free_port()
    with socketserver.ThreadingUDPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.shutdown()
            thread.join(10)


def _answer(zone: Zone, data: bytes) -> bytes:
    query = dns.message.from_wire(data)
    question = query.question[0]
    name, kind = question.name.to_text().rstrip("."), dns.rdatatype.to_text(question.rdtype)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    values = zone.get((name, kind), [])
    texts = [values] if isinstance(values, str) else values
    if kind == "TXT":
        texts = [f'"{text}"' for text in texts]
    if texts:
        response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, texts))
    elif not any(known == name or known.endswith(f".{name}") for known, _ in zone):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


@contextmanager
def silent_port() -> Iterator[int]:
    """Yield a port of this machine at which somebody accepts connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])
