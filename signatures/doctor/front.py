"""The way of a visitor: a live request through the proxies, as anybody on the Internet makes it."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.operating.certificate import DAYS_LEFT_MIN, days_left
from signatures.safeguarding.proxy_warnings import proxy_warnings

TIMEOUT_SECONDS = 10.0
BYTES_MAX = 1024 * 1024
# Never kept by a cache, and passed on to the site at once.
PAGE = "/admin/login/"
LIVE = "/-/live"
LIVE_SAYS = b"ok\n"
# What no proxy writes: whoever finds it in the place of the visitor's address lets visitors choose their address.
FORGED = "doctor-was-here"
DAYS_WARN = 14
CLOCK_SECONDS = 5
# OpenSSL's numbers for what is wrong with a certificate.
EXPIRED, NOT_YET, OTHER_HOST, OTHER_ADDRESS = 10, 9, 62, 64
GATEWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
PROXY_MEND = "docs/operations.md says under “Reverse proxies” which header which proxy must write."


@dataclass(frozen=True)
class Place:
    """Where the front is, and under which name it is asked."""

    is_https: bool
    host: str
    port: int
    name: str


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes
    days_left: int | None


def check_front(options: Options) -> Iterator[Finding]:
    """Ask for pages through the front, and look at what the site noted of these requests."""
    place = _place(options.front)
    try:
        live = _get(place, LIVE)
        page = _get(place, PAGE)
        _get(place, PAGE, {"X-Forwarded-For": FORGED})
    except (OSError, http.client.HTTPException) as error:
        yield _unreachable(error)
        return
    # A wrong Host is refused everywhere, which is no other site.
    amiss = [*(_of_live(live) if page.status != HTTPStatus.BAD_REQUEST else ()), *_of_page(page)]
    if not amiss:
        amiss += [wrong(sentence, PROXY_MEND) for sentence in proxy_warnings()]
        amiss += _of_headers(page) if place.is_https else ()
    yield from amiss or [fine("Visitors reach the site through its front, and it knows who they are.")]
    yield from _of_certificate(live)
    if live.days_left is not None and settings.TRUSTED_PROXIES > 1 and not options.front:
        yield fine("That certificate is the outermost proxy's, a CDN's for instance; --front looks at one behind it.")
    yield from _of_clock(live)
    if place.is_https and not options.front:
        yield from _of_plain_port(place)


def _place(front: str) -> Place:
    public = urlsplit(settings.SITE_ORIGIN)
    parts = urlsplit(front or settings.SITE_ORIGIN)
    is_https = parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    return Place(is_https, parts.hostname or "", port, public.netloc)


def _get(place: Place, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    with closing(_opened(place)) as connection:
        days = None
        if isinstance(connection.sock, ssl.SSLSocket) and (certificate := connection.sock.getpeercert()):
            days = days_left(certificate)
        connection.request("GET", path, headers={"Host": place.name, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read(BYTES_MAX), days)


def _opened(place: Place) -> http.client.HTTPConnection:
    """Connect to the front, which may be another host than the one it is asked for."""
    connection = http.client.HTTPConnection(place.host, place.port, timeout=TIMEOUT_SECONDS)
    connection.sock = socket.create_connection((place.host, place.port), TIMEOUT_SECONDS)
    if place.is_https:
        name = urlsplit(f"//{place.name}").hostname
        try:
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=name)
        except BaseException:
            connection.close()
            raise
    return connection


def _unreachable(error: Exception) -> Finding:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code in {EXPIRED, NOT_YET}:
            return wrong("The certificate has expired, or is not valid yet.", "certbot renew, and look at its timer.")
        if code in {OTHER_HOST, OTHER_ADDRESS}:
            return wrong(
                "The certificate is for another host than that of SITE_ORIGIN.",
                "Get one for this host: deploy/install.md, step 10.",
            )
        return wrong(
            "Browsers do not believe the certificate: no authority that they know vouches for it.",
            "Let the web server send the whole chain (fullchain.pem), from a public authority.",
        )
    if isinstance(error, socket.gaierror):
        return wrong("The host of SITE_ORIGIN has no address in the DNS.", "Enter an A record, and AAAA for IPv6.")
    if isinstance(error, ssl.SSLError):
        return wrong("The front speaks no TLS at the port of SITE_ORIGIN.", "Let the web server listen with ssl there.")
    return wrong(
        f"Nothing answers at SITE_ORIGIN ({type(error).__name__}).",
        "Start the web server, open the port in the firewall, and look at the DNS.",
    )


def _of_live(answer: Answer) -> Iterator[Finding]:
    if answer.status in GATEWAY:
        yield wrong(
            f"The web server does not reach the site behind it ({answer.status}).",
            "Start the site; let BIND and the web server name the same socket, which the web server's group may use.",
        )
    elif answer.status != HTTPStatus.OK or answer.body != LIVE_SAYS:
        yield wrong(
            f"At the host of SITE_ORIGIN something else answers than the site ({answer.status}).",
            "Look at the DNS, and at which server block of the web server is used for this host.",
        )


def _of_page(answer: Answer) -> Iterator[Finding]:
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        to = urlsplit(answer.headers.get("Location", ""))
        if to.path == PAGE:
            yield wrong(
                "Every page leads to itself for ever: the site does not know that visitors come over https.",
                f"Set TRUSTED_PROXIES to the number of your proxies. {PROXY_MEND}",
            )
        else:
            yield wrong("Pages of the site lead elsewhere.", "Look at what the web server rewrites.")
    elif answer.status == HTTPStatus.BAD_REQUEST:
        yield wrong(
            "Every page is answered with 400: the visitor's Host does not reach the site.",
            "Let the proxy pass it on (nginx: proxy_set_header Host $host;).",
        )
    elif answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        yield wrong("Pages end with an error of the site.", "Look into its log: journalctl -u petition-web.")
    elif answer.status != HTTPStatus.OK and answer.status not in GATEWAY:
        yield warn(f"The page for logging in was answered with {answer.status}.", "Look into the site's log.")


def _of_headers(answer: Answer) -> Iterator[Finding]:
    given = answer.headers.get("Strict-Transport-Security", "")
    if "max-age=" not in given or "max-age=0" in given:
        yield warn(
            "Strict-Transport-Security does not reach visitors: their first page may come in the clear.",
            "Let no proxy take the header away (nginx: no proxy_hide_header for it).",
        )
    if "Content-Security-Policy" not in answer.headers:
        yield warn("Content-Security-Policy does not reach visitors.", "Let no proxy take the header away.")


def _of_certificate(answer: Answer) -> Iterator[Finding]:
    days = answer.days_left
    if days is None:
        return
    mend = "Look at what renews it: systemctl status certbot.timer; certbot renew --dry-run."
    if days < DAYS_LEFT_MIN:
        yield wrong(f"The certificate ends in {days} days.", mend)
    elif days < DAYS_WARN:
        yield warn(f"The certificate ends in {days} days.", mend)
    else:
        yield fine(f"The certificate is right, and ends in {days} days.")


def _of_clock(answer: Answer) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart > CLOCK_SECONDS:
        yield warn(f"The clocks of this machine and of the front are {apart:.0f} seconds apart.", "Set both by NTP.")


def _of_plain_port(place: Place) -> Iterator[Finding]:
    try:
        answer = _get(Place(is_https=False, host=place.host, port=80, name=place.name), "/")
    except (OSError, http.client.HTTPException):
        # Nobody listens, which leaks nothing.
        return
    if not answer.headers.get("Location", "").startswith("https://"):
        yield wrong(
            f"http:// is answered with {answer.status} and not led to https://.", "Redirect all of port 80 (301)."
        )
