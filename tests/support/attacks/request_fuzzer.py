"""Fuzzer for HTTP requests: mutates what the site's own pages offer, with values that break parsers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote_plus

from tests.support.attacks.fuzz_values import SEGMENTS, VALUES
from tests.support.attacks.routes import Route
from tests.support.attacks.target import FORM_TYPE, HOST, Target, new_network

LONG = 200_000
BODY_BYTES = 6_000_000
FIELDS = 1000
HEADER_BYTES = 8_000
LONG_VALUES = (b"x" * LONG, "ы".encode() * LONG, b"\0" * LONG, b"=?" * (LONG // 2))
FIELD_NAMES = (
    b"visibility name email country city consent version favourite_bird reason code action csrfmiddlewaretoken"
    b" username password next new_password1 old_password _save _saveasnew _continue _addanother _popup _to_field post"
    b" _selected_action select_across index slug status opens_at_0 opens_at_1 closes_at_0 goal title_en body_ru contact"
    b" recipients-TOTAL_FORMS recipients-INITIAL_FORMS recipients-0-id recipients-0-petition recipients-0-profile"
    b" recipients-0-position recipient language delimiter groups is_superuser usable_password confirm"
).split()
QUERY_NAMES = (
    b"after p q o e all _to_field _popup _changelist_filters _facets next petition__id__exact state__exact day country"
    b" visibility__exact language__exact text_version__id__exact email_key name__startswith is_active__exact"
    b" groups__id__exact status__exact action__exact term app_label model_name field_name utm_source \xff %00"
).split()
TYPES = (
    FORM_TYPE.encode(),
    FORM_TYPE.encode() + b"; charset=utf-16",
    FORM_TYPE.encode() + b"; charset=no-such-thing",
    FORM_TYPE.encode() + b"; charset=\xff\xfe",
    b"application/json",
    b"text/xml",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b"multipart/form-data; boundary=\xd0\x98",
    b"multipart/form-data; boundary=" + b"b" * 300,
    b"multipart/mixed; boundary=x",
    b"",
    b"/",
    b"a" * 500,
)
HOSTS = (
    b"evil.example",
    b"",
    b"petition.example.org:99999",
    b"[::1",
    b"\xd0\x98",
    b"a,b",
    b"..",
    b"127.0.0.1",
    b"x" * 300,
)
METHODS = (b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"BREW", b"PROPFIND", b"POST", b"GET")
HEADERS = (
    (b"Range", (b"bytes=0-1", b"bytes=-5", b"bytes=9-1,5-", b"lines=1-2", b"bytes=0-" + b"9" * 50)),
    (b"If-None-Match", (b"*", b'"x"', b'W/"', b"\xff")),
    (b"If-Modified-Since", (b"yesterday", b"Thu, 32 Foo 99999 99:99:99 GMT", b"Thu, 01 Jan 1970 00:00:00 GMT")),
    (b"Accept-Language", (b"ru", b"be", b"*", b"ru;q=x, en;q=9", b"x" * 900, b"a-" * 400, b"\xff")),
    (b"Accept-Encoding", (b"gzip", b"gzip;q=0", b"br", b"*", b"\xff")),
    (b"Accept", (b"application/json", b"*", b"\xff/\xff")),
    (b"Cookie", (b"__Secure-session=x", b"=", b";;;", b'a="\\377', b"__Secure-csrf=" + b"\xff" * 40, b"a=b; " * 900)),
    (b"Origin", (b"https://evil.example", b"null", b"", b"https://[", b"\xff")),
    (b"Referer", (b"https://evil.example/", b"https://[", b"\xff", b"x" * 3000)),
    (b"Sec-Fetch-Site", (b"cross-site", b"same-site", b"none", b"", b"\xff")),
    (
        b"X-Forwarded-For",
        (b"", b",", b"unknown", b"[::1]:1", b"\xff", b"1.2.3.4, " * 400 + b"10.250.0.1", b"fe80::1%\xff"),
    ),
    (b"X-Forwarded-Proto", (b"http", b"ftp", b"https,http", b"\xff")),
    (b"X-Forwarded-Host", (b"evil.example",)),
    (b"X-HTTP-Method-Override", (b"DELETE",)),
    (b"X-Requested-With", (b"XMLHttpRequest",)),
    (b"Authorization", (b"Bearer x", b"Basic \xff", b"Bearer \xd0\x98")),
    (b"X-CSRFToken", (b"", b"\xff" * 32, b"x" * 64)),
    (b"X-Long", (b"x" * HEADER_BYTES,)),
    (b"Connection", (b"close", b"upgrade")),
    (b"Expect", (b"100-continue",)),
    (b"Content-Encoding", (b"gzip", b"\xff")),
)


@cache
def quoted(value: bytes) -> bytes:
    """Return a value with URL encoding, as in a form."""
    return quote_plus(value).encode()


@dataclass(frozen=True)
class FuzzedRequest:
    """A generated request, with the route that it was made for."""

    route: Route
    path: bytes
    data: bytes
    is_head: bool


class Fuzzer:
    """Generates requests to one site.

    chance: source of all random choices.
    texts: additional values to try.
    """

    def __init__(self, target: Target, chance: random.Random, texts: Sequence[bytes] = ()) -> None:
        self.target = target
        self.chance = chance
        self.values = [*VALUES, *texts]

    def one_in(self, number: int) -> bool:
        """Return True with a probability of one in ``number``."""
        return self.chance.randrange(number) == 0

    def request(self, route: Route) -> FuzzedRequest:
        """Generate a request for a route."""
        path = self.path(route)
        as_organiser = route.is_admin and route.name != "logout" and not self.one_in(4)
        method = self.chance.choice(METHODS) if self.one_in(8) else self.chance.choice((b"GET", b"POST"))
        headers = self.headers(as_organiser=as_organiser)
        body = b""
        if method not in {b"GET", b"HEAD"} or self.one_in(20):
            kind, body = self.body()
            headers += [(b"Content-Type", kind), (b"Content-Length", str(len(body)).encode())]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        head = method + b" " + path + b" HTTP/1.1\r\n" + lines + b"\r\n"
        return FuzzedRequest(route, path, head + body, method == b"HEAD")

    def path(self, route: Route) -> bytes:
        """Return a path with query, often malformed."""
        path = route.pattern.encode()
        for name in route.parameters:
            right = self.chance.choice(self.target.examples[name]).encode()
            value = self.chance.choice(SEGMENTS) if self.one_in(5) else right
            path = path.replace(b"{" + name.encode() + b"}", value)
        if self.one_in(25):
            path = path.rstrip(b"/") + b"/" + self.chance.choice(SEGMENTS)
        if self.one_in(40):
            path = path.rstrip(b"/")
        if self.one_in(100):
            path = b"/static/" + self.chance.choice(SEGMENTS)
        if self.one_in(3):
            names = [self.chance.choice(QUERY_NAMES) for _ in range(self.chance.randrange(1, 4))]
            values = (self.chance.choice(SEGMENTS) for _ in names)
            path += b"?" + b"&".join(name + b"=" + value for name, value in zip(names, values, strict=True))
        return b"/" + path.lstrip(b"/")[:4000].replace(b" ", b"%20")

    def headers(self, *, as_organiser: bool) -> list[tuple[bytes, bytes]]:
        """Return headers, some of them odd."""
        headers = {
            b"Host": HOST.encode(),
            b"X-Forwarded-Proto": b"https",
            b"X-Forwarded-For": new_network().encode(),
            b"Sec-Fetch-Site": b"same-origin",
        }
        if as_organiser:
            headers |= {
                b"Cookie": self.target.cookie.encode(),
                b"Origin": b"https://" + HOST.encode(),
                b"X-CSRFToken": self.target.csrf.encode(),
            }
        if self.one_in(30):
            headers[b"Host"] = self.chance.choice(HOSTS)
        if self.one_in(3):
            for _ in range(self.chance.randrange(1, 4)):
                name, values = self.chance.choice(HEADERS)
                headers[name] = self.chance.choice(values)
        listed = list(headers.items())
        if self.one_in(30):
            listed.append(self.chance.choice(listed[2:]))
        return listed

    def body(self) -> tuple[bytes, bytes]:
        """Return a content type and a body."""
        if self.one_in(300):
            return self.large()
        fields = self.fields()
        if self.one_in(5):
            return self.multipart(fields)
        body = b"&".join(quoted(name) + b"=" + quoted(value) for name, value in fields)
        if self.one_in(20):
            body = self.chance.choice(
                [b"%", b"&&=&", b"=", b"a=%zz&b=%", b"\xff\0\r\n", body[: len(body) // 2] + b"%f"]
            )
        return (self.chance.choice(TYPES) if self.one_in(10) else FORM_TYPE.encode()), body

    def fields(self) -> list[tuple[bytes, bytes]]:
        """Return the fields of a valid form with some changed, dropped, duplicated or added."""
        fields = [
            (b"visibility", b"PUBLIC"),
            (b"name", "Алесь".encode()),
            (b"email", b"a%d@example.org" % self.chance.randrange(10**6)),
            (b"country", b"BY"),
            (b"consent", b"on"),
            (b"version", b"1"),
            (b"reason", b"A reason"),
            (b"code", self.chance.choice(self.target.examples["code"]).encode()),
            (b"action", b"COUNTED"),
        ]
        for _ in range(self.chance.randrange(5)):
            place = self.chance.randrange(len(fields))
            fields[place] = fields[place][0], self.value()
        fields += [(self.chance.choice(FIELD_NAMES), self.value()) for _ in range(self.chance.randrange(4))]
        if self.one_in(4):
            fields.append((self.chance.choice(fields)[0], self.value()))
        if self.one_in(4):
            del fields[self.chance.randrange(len(fields))]
        if self.one_in(200):
            name = self.chance.choice([b"name", b"x%d"])
            fields += [(name % number if b"%" in name else name, b"x") for number in range(FIELDS)]
        if self.one_in(100):
            fields.append((self.value(), self.value()))
        return fields

    def value(self) -> bytes:
        """Return a value; very long ones are rare."""
        return self.chance.choice(LONG_VALUES if self.one_in(100) else self.values)

    def multipart(self, fields: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
        """Return the fields as multipart/form-data, often slightly malformed."""
        mark = b"mark"
        parts = []
        for name, value in fields:
            head = b'Content-Disposition: form-data; name="' + name + b'"'
            if self.one_in(6):
                head += (
                    b'; filename="' + self.chance.choice([b"", b"../x", b"a\0b", b"x.svg", b"\xff", b"x" * 400]) + b'"'
                )
            if self.one_in(8):
                head += b"\r\nContent-Transfer-Encoding: " + self.chance.choice([b"base64", b"8bit", b"\xff"])
            if self.one_in(20):
                head = self.chance.choice(
                    [b"", b"\xff", b"Content-Disposition: form-data", b"Content-Disposition: x; name"]
                )
            parts.append(b"--" + mark + b"\r\n" + head + b"\r\n\r\n" + value + b"\r\n")
        body = b"".join(parts) + b"--" + mark + (b"--\r\n" if not self.one_in(10) else b"")
        kind = b"multipart/form-data; boundary=" + (mark if not self.one_in(10) else b"other")
        return kind, body

    def large(self) -> tuple[bytes, bytes]:
        """Return a body that is far too large."""
        filler = b"x" * BODY_BYTES
        if self.one_in(2):
            return FORM_TYPE.encode(), b"name=" + filler
        return self.multipart([(b"name", filler)])
