"""Requests that two servers could read in two ways are read in none, and TRACE shows nobody what was sent."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.support.attacks.raw_http import Wire
from tests.support.attacks.routes import all_routes
from tests.support.attacks.target import HOST, SLUG, Target

pytestmark = pytest.mark.xdist_group("attacks")

HIDDEN = f"GET /en/hidden/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
LENGTHS = {
    "a length and chunks": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "chunks and a length": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "two lengths": ["Content-Length: 0", f"Content-Length: {len(HIDDEN)}"],
    "two lengths in one": [f"Content-Length: 0, {len(HIDDEN)}"],
    "a length with a sign": [f"Content-Length: +{len(HIDDEN)}"],
    "chunks twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "something that is like chunks": ["Transfer-Encoding: xchunked"],
    "chunks behind a tab": ["Transfer-Encoding:\tchunked, identity"],
    "a blank before the colon": ["Transfer-Encoding : chunked"],
}


@pytest.mark.parametrize("lines", LENGTHS.values(), ids=LENGTHS)
def test_a_request_with_two_lengths_is_refused_and_what_is_hidden_behind_it_is_not_read(
    target: Target, lines: list[str]
) -> None:
    head = "\r\n".join([f"POST /en/petitions/{SLUG}/ HTTP/1.1", f"Host: {HOST}", "X-Forwarded-Proto: https", *lines])
    with closing(target.wire()) as wire:
        answer = wire.send(f"{head}\r\n\r\n0\r\n\r\n".encode() + HIDDEN)
        assert answer is not None
        assert answer.status in {400, 501}
        assert not answer.comes_from_the_site
        assert rest_of(wire) == b""


def rest_of(wire: Wire) -> bytes:
    """Return what comes after an answer until the other side hangs up."""
    if wire.link is None:
        return wire.pending
    return wire._rest()


def test_a_request_with_one_length_is_read(target: Target) -> None:
    head = f"POST /en/petitions/{SLUG}/ HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n"
    head += "Sec-Fetch-Site: same-origin\r\n"
    for body in ("Content-Length: 5\r\n\r\na=bcd", "Transfer-Encoding: chunked\r\n\r\n5\r\na=bcd\r\n0\r\n\r\n"):
        with closing(target.wire()) as wire:
            answer = wire.send((head + body).encode())
            assert answer is not None
            assert answer.status == 422


def test_no_address_answers_trace(target: Target) -> None:
    with closing(target.wire()) as wire:
        for route in all_routes():
            path = route.pattern.format(**{name: target.examples[name][0] for name in route.parameters})
            head = f"TRACE {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nX-Secret: zqkzqkzqk\r\n"
            for cookie in ("", f"Cookie: {target.cookie}\r\n"):
                answer = wire.send(f"{head}{cookie}\r\n".encode())
                assert answer is not None
                assert answer.status != 200, path
                assert b"zqkzqkzqk" not in answer.body, path
