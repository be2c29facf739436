"""A site to attack, with its real limits and settings, and valid ids, codes and sessions that reach all of its code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from signatures.safeguarding import keys
from signatures.safeguarding.encryption import decrypt
from signatures.tokens import MySignature, my_signature_token, no_mail_token
from tests.support import desk
from tests.support.attacks.raw_http import RawAnswer, Wire
from tests.support.server.web_site import WebSite, manage, signer, web_site

HOST = "petition.example.org"
SLUG = "belarus-political-prisoners"
PROCESSES = 2
NETWORKS = count(1)
VISITOR_HEADERS = {"Host": HOST, "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}
FORM_TYPE = "application/x-www-form-urlencoded"


def new_network() -> str:
    """Return an address in a network that no rate limit has counted yet."""
    number = next(NETWORKS)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass
class Target:
    """A running site.

    examples: valid values for each route parameter.
    cookie: cookie of an administrator's session.
    csrf: CSRF token of that session.
    """

    site: WebSite
    examples: Mapping[str, list[str]] = field(default_factory=dict)
    cookie: str = ""
    csrf: str = ""

    def wire(self) -> Wire:
        """Return a new connection."""
        return Wire(self.site.port)

    def ask(
        self, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> RawAnswer:
        """Send one well-formed request from a new network."""
        lines = {**VISITOR_HEADERS, "X-Forwarded-For": new_network(), **(headers or {})}
        body = b"" if form is None else urlencode(form, doseq=True).encode()
        if form is not None:
            lines |= {"Content-Type": FORM_TYPE, "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        wire = self.wire()
        try:
            method = "GET" if form is None else "POST"
            answer = wire.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        finally:
            wire.close()
        assert answer is not None
        return answer

    def as_organiser(self, path: str, form: Mapping[str, str] | None = None) -> RawAnswer:
        """Send one request as the administrator."""
        headers = {"Cookie": self.cookie, "Origin": f"https://{HOST}", "X-CSRFToken": self.csrf}
        return self.ask(path, form, headers)

    def log_in(self, password: str) -> None:
        """Log the first organiser in."""
        page = self.ask("/admin/login/")
        token, cookie = field_of(page, "csrfmiddlewaretoken"), page.headers["set-cookie"].split(";")[0]
        form = {"username": "organiser", "password": password, "csrfmiddlewaretoken": token}
        origin = {"Cookie": cookie, "Origin": f"https://{HOST}"}
        answer = self.ask("/admin/login/?next=/admin/", form, origin)
        assert answer.status == 302, answer.status
        cookies = dict(re.findall(r"__Secure-(session|csrf)=([^;]+)", answer.headers["set-cookie"]))
        self.csrf = cookies["csrf"]
        self.cookie = "; ".join(f"__Secure-{name}={value}" for name, value in cookies.items())

    def new_codes(self, amount: int) -> list[str]:
        """Sign a few times and return the codes that the mails will contain."""
        path = f"/en/petitions/{SLUG}/"
        for _ in range(amount):
            assert self.ask(path, signer(visibility="PUBLIC", version="1")).status == 303
        rows = self.site.query("SELECT secret_encrypted FROM signatures_outgoingmail WHERE kind = 'CONFIRM'")
        return [decrypt(bytes(row[0])) for row in rows][-amount:]


def field_of(page: RawAnswer, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.body.decode())
    assert found is not None
    return unescape(found.group(1))


def fill(target: Target) -> None:
    """Create a second petition, accounts and signatures that the attack may break, and store their ids as examples."""
    added = target.as_organiser(
        desk.ADD, desk.petition_form(slug="second", **desk.with_recipients(("A", "Б", "NAMES")))
    )
    assert added.status == 302, added.status
    role = str(target.site.query("SELECT id FROM auth_group WHERE name = 'Editors'")[0][0])
    account = {"username": "victim", "where": "site", "role": role}
    victim = target.as_organiser("/admin/signatures/organiser/add/", account)
    assert victim.status == 200, victim.status
    codes = target.new_codes(6)
    for code in codes[:3]:
        assert target.ask(f"/en/confirm/{code}/", {"visibility": "PUBLIC", "reason": "A reason"}).status == 303
    query = target.site.query
    query("INSERT INTO signatures_workerbeat (worker, beat_at) VALUES (gen_random_uuid(), now() + interval '1 day')")
    petition = str(query("SELECT id FROM signatures_petition WHERE slug = 'second'")[0][0])
    organiser = str(query("SELECT id FROM signatures_organiser WHERE username = 'victim'")[0][0])
    assert organiser != "1"
    first = query("SELECT id FROM signatures_petition WHERE slug = %s", [SLUG])[0][0]
    subject = MySignature(first, keys.email_keys(first, "nobody@example.org"))
    signature = str(query("SELECT min(id) FROM signatures_signature")[0][0])
    numbers = [petition, organiser, signature, "1", "2", "3"]
    target.examples = {
        "language": ["en", "ru"],
        "slug": [SLUG, SLUG, "second"],
        "code": codes,
        "token": [my_signature_token(subject), no_mail_token(keys.mail_key("nobody@example.org"))],
        "id": [organiser],
        "pk": [petition],
        "object_id": numbers,
        "number": ["1", "1", "2"],
        "digest": ["0123456789abcdef"],
        "size": ["wide", "narrow"],
        "name": ["qr.svg", "poster-a4.pdf", "nowhere"],
        "page": ["fakes", "index", "nowhere"],
        "kind": ["app", "passkey"],
        "content_type_id": ["1", "2", "7"],
        "app_label": ["signatures", "auth"],
        "url": ["nowhere", "signatures", "signatures/nowhere/"],
    }


@contextmanager
def running_target(template: str, folder: Path) -> Iterator[Target]:
    """Run a site behind a trusted proxy, over https, with the default limits."""
    env = {
        "SITE_ORIGIN": f"https://{HOST}",
        "TRUSTED_PROXIES": "1",
        "WEB_WORKERS": str(PROCESSES),
        "METRICS_TOKEN": "a token of the tests",
        "ALLOWED_HOSTS": "testserver",
    }
    with web_site(template, folder, env) as site:
        target = Target(site)
        manage(site.database_url, "ensure_roles", "--verbosity=0", **env)
        # The attack breaks accounts whose ids it guesses, and must not guess its own.
        site.query("ALTER SEQUENCE signatures_organiser_id_seq RESTART WITH 70007")
        target.log_in(manage(site.database_url, "ensure_organiser", **env).strip())
        fill(target)
        yield target
