"""Simulates a day with all events that might be logged, all with marked values."""

from __future__ import annotations

import os
import re
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.support.attacks.raw_http import TIMEOUT_SECONDS, RawAnswer, talk
from tests.support.attacks.target import Target
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.faults.site_processes import Crew
from tests.support.leaks.desk_day import DeskDay
from tests.support.leaks.marked_values import Marks
from tests.support.server.nginx_front import HOST, Front, nginx_before
from tests.support.server.web_site import ASK_FOR_CITY, WebSite, manage, new_database, signer
from tryout.embedded import EmbeddedPostgres

METRICS_TOKEN = "a token of the tests"
FORM_LIMIT = 40
ENV = {
    "SITE_ORIGIN": f"https://{HOST}",
    "ALLOWED_HOSTS": "testserver",
    "TRUSTED_PROXIES": "1",
    "WEB_WORKERS": "2",
    "METRICS_TOKEN": METRICS_TOKEN,
    "FORM_RATES": f"{FORM_LIMIT}/h",
}
UNTRIED = "SELECT count(*) FROM signatures_outgoingmail WHERE attempts_made = 0 OR claimed_until IS NOT NULL"
NAME_COLUMNS = ("column signatures_signature.name",)
PETITION = "/ru/petitions/belarus-political-prisoners/"


@dataclass
class BusyDay:
    """A site with all its surroundings, and the marked values that were typed there.

    folder: everything that is written is below it.
    """

    folder: Path
    postgres: EmbeddedPostgres
    crew: Crew
    front: Front
    target: Target
    marks: Marks = field(default_factory=Marks)
    seen: set[int] = field(default_factory=set)
    slow: list[threading.Thread] = field(default_factory=list)

    @property
    def site(self) -> WebSite:
        """Return the site."""
        return self.crew.site

    def note(self, answer: RawAnswer) -> RawAnswer:
        """Record the status of a response."""
        self.seen.add(answer.status)
        return answer

    def live_through(self) -> None:
        """Run all events of the day."""
        self.come_slowly()
        for visibility in ("COUNTED", "DELIVERED", "PUBLIC"):
            self.sign_and_confirm(visibility)
        self.stop_in_the_middle()
        self.type_wrongly()
        self.come_from_many_places()
        DeskDay(self.site, self.target, self.marks, self.note).live_through()
        self.fail()
        self.lose_the_database()
        self.spoil_the_configuration()
        for thread in self.slow:
            thread.join(TIMEOUT_SECONDS)
            assert not thread.is_alive(), "a slow visitor is still there"

    def form(self, what: str, visibility: str = "PUBLIC", *allowed: str, **values: str) -> dict[str, str]:
        """Return a form filled with marked values."""
        marks = self.marks
        named = () if visibility == "COUNTED" else allowed
        return signer(
            visibility=visibility,
            name=f"Ян {marks.cyrillic(f'{what}: name', *named)}",
            city=f"Горад {marks.cyrillic(f'{what}: city', *(['column signatures_signature.city'] if named else []))}",
            email=marks.address(f"{what}: address"),
            version="1",
            **values,
        )

    def sign(self, form: dict[str, str]) -> None:
        """Submit a sign form that is accepted."""
        assert self.note(self.target.ask(PETITION, form)).status == 303

    def mail_to(self, address: str, number: int = 1) -> str:
        """Return the decoded text of the newest mail to an address."""
        local = address.partition("@")[0]

        def found() -> list[str]:
            return [mail.text for mail in self.crew.mail.mails() if mail.recipient.startswith(local)]

        self.crew.wait_until(lambda: len(found()) >= number, "the mail is there")
        return found()[-1]

    def sign_and_confirm(self, visibility: str) -> None:
        """Sign, open the mail, view the page, confirm, request a my-signature link and open it."""
        marks, ask = self.marks, self.target.ask
        what = f"who chose {visibility}"
        places = (*NAME_COLUMNS, "file petition/*") if visibility == "PUBLIC" else NAME_COLUMNS
        form = self.form(what, visibility, *places)
        self.sign(form)
        text = self.mail_to(form["email"])
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", text)
        assert code
        path = f"/en/confirm/{marks.code(code[0])}/"
        token = re.search(r"/no-mail/([^/\s]+)/", text)
        assert token
        no_mail = f"/en/no-mail/{marks.token('a no-mail token', token[1])}/"
        assert self.note(ask(path)).status == 200
        assert self.note(ask("/en/confirm/", {"code": code[0]})).status == 303
        reason = marks.cyrillic(
            f"{what}: reason", *(["column signatures_signature.reason"] if visibility == "PUBLIC" else [])
        )
        long = {"visibility": "PUBLIC", "reason": marks.cyrillic(f"{what}: a reason that is too long") * 60}
        assert self.note(ask(path, long)).status == 422
        assert self.note(ask(path, {"visibility": visibility, "reason": f"Бо {reason}"})).status == 303
        assert self.note(ask(f"{PETITION}my-signature/", {"email": form["email"]})).status == 200
        link = re.search(r"/my-signature/([^/\s]+)/", self.mail_to(form["email"], 2))
        assert link
        assert self.note(ask(f"/en/my-signature/{marks.token('a my-signature token', link[1])}/")).status == 200
        assert self.note(ask(no_mail)).status == 200
        assert self.note(ask(no_mail, {})).status == 200

    def stop_in_the_middle(self) -> None:
        """Sign without confirming, with a mail server that refuses permanently and temporarily."""
        self.sign(self.form("who never confirmed"))
        for code, what in (("550 5.1.1", "who has no mailbox"), ("450 4.2.1", "whose mailbox is full")):
            form = self.form(what)
            # Mail servers repeat the recipient in their refusal.
            self.crew.mail.replies["RCPT"] = f"{code} no mailbox {form['email'].partition('@')[0]} here"
            self.sign(form)
            self.crew.wait_until(lambda: self.site.query(UNTRIED) == [(0,)], "each mail was tried")
        self.crew.mail.replies.clear()

    def type_wrongly(self) -> None:
        """Send forms, URLs and headers that are rejected."""
        marks, ask = self.marks, self.target.ask
        form = self.form("who typed wrongly") | {"country": "", "email": f"{marks.latin('half an address')}@"}
        assert self.note(ask(PETITION, form)).status == 422
        assert self.note(ask(PETITION, self.form("who was sent here"), {"Sec-Fetch-Site": "cross-site"})).status == 403
        for word in (marks.latin("a path"), quote(marks.cyrillic("a path in Cyrillic"))):
            assert self.note(ask(f"/en/{word}/?{word}={word}")).status == 404
        assert self.note(ask(f"/en/confirm/{marks.latin('no code')}/")).status == 404
        assert self.note(ask(f"/en/my-signature/{marks.latin('no token')}/")).status == 404
        assert self.note(ask("/en/", None, {"Host": f"{marks.latin('a host')}.example"})).status == 400
        assert self.note(ask(PETITION, {marks.latin("a field"): "x" * 1_100_000})).status == 413
        headers = {name: marks.latin(name) for name in ("User-Agent", "X-Real-IP", "Forwarded", "X-Marked", "Cookie")}
        headers |= {"Referer": f"https://{marks.latin('Referer')}.example/", "Authorization": marks.latin("Bearer")}
        assert self.note(ask("/en/privacy/", None, headers)).status == 200
        assert self.note(ask("/-/metrics", None, headers)).status == 404

    def come_from_many_places(self) -> None:
        """Sign too often from one network, and visit from marked addresses, both real and forged."""
        marks = self.marks
        network = marks.add("a network that signed too often", "203.0.113.177")
        form = self.form("who signed too often", "COUNTED")
        statuses = [
            self.note(self.target.ask(PETITION, form, {"X-Forwarded-For": network})).status
            for _ in range(FORM_LIMIT + 1)
        ]
        assert statuses == [303] * FORM_LIMIT + [429]
        self.target.ask("/en/", None, {"X-Forwarded-For": marks.add("an IPv6 network", "2001:db8:7a5f:1b::77")})
        marks.add("its network", "2001:db8:7a5f:1b::/64")
        source = marks.add("where a visitor of nginx sat", f"127.83.{secrets.randbelow(200) + 20}.159")
        forged = {"X-Forwarded-For": marks.add("a forged entry", "198.51.100.213"), "X-Real-IP": "198.51.100.213"}
        for path in ("/en/", f"{PETITION}signers/", f"/en/{marks.latin('a path through nginx')}/"):
            self.front.ask(path, None, {**forged, "Accept-Encoding": "gzip"}, source)
        body = "&".join(f"{name}={quote(value)}" for name, value in self.form("through nginx", "COUNTED").items())
        assert self.front.ask(PETITION, body.encode(), forged, source).status == 303
        for lines in (b"GET /%s HTTP/9.9", b"G@T /%s HTTP/1.1", b"GET / HTTP/1.1\r\n%s : x", b"%s"):
            for port in (self.site.port, self.front.plain_port):
                word = marks.latin("a request that nobody can read").encode()
                talk(port, (lines % word) + b"\r\nHost: x\r\n\r\n", source)

    def come_slowly(self) -> None:
        """Start a request, with and without its body, and stall."""
        for port in (self.site.port, self.front.plain_port):
            word = self.marks.latin("a slow visitor").encode()
            head = b"POST /en/confirm/" + word + b"/ HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nX-Slow: " + word
            body = b"\r\nX-Forwarded-Proto: https\r\nContent-Length: 900\r\n\r\ncode=" + word
            for request in (head, head + body):
                thread = threading.Thread(target=talk, args=(port, request), daemon=True)
                thread.start()
                self.slow.append(thread)

    def fail(self) -> None:
        """Make the database refuse valid data, with an error message that quotes the row."""
        form = self.form("whom the database refuses")
        self.sign(form)
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", self.mail_to(form["email"]))
        assert code
        self.site.query("ALTER TABLE signatures_signature ADD CONSTRAINT never CHECK (false) NOT VALID")
        reason = self.marks.cyrillic("a reason that the database refuses")
        path = f"/ru/confirm/{self.marks.code(code[0])}/"
        failed = self.target.ask(path, {"visibility": "PUBLIC", "reason": reason})
        assert self.note(failed).status == 500
        self.site.query("ALTER TABLE signatures_signature DROP CONSTRAINT never")

    def lose_the_database(self) -> None:
        """Stop the database while somebody signs, confirms and searches, and restart it."""
        self.postgres.stop()
        assert self.note(self.target.ask(PETITION, self.form("while the database is away"))).status == 503
        word = self.marks.latin("a search while the database is away")
        assert self.note(self.target.as_organiser(f"/admin/signatures/signature/?q={word}")).status == 503
        assert self.note(self.target.ask(f"/en/confirm/{self.marks.code('7YQZ-M3VK-09DH-XW5B')}/", {})).status == 503
        self.postgres.start()
        self.crew.wait_until(lambda: self.target.ask("/-/ready").status == 200, "the site is ready again")

    def spoil_the_configuration(self) -> None:
        """Have nginx load an invalid configuration, since such mistakes are all that it logs."""
        with (self.folder / "etc" / "nginx.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("nothing that nginx knows;\n")
        os.kill(int((self.folder / "nginx.pid").read_text()), signal.SIGHUP)
        log = self.folder / "error.log"
        self.crew.wait_until(lambda: "unknown directive" in log.read_text(), "nginx has complained")
        assert self.front.ask("/en/").status == 200


@contextmanager
def busy_day(folder: Path) -> Iterator[BusyDay]:
    """Run PostgreSQL, the site, a mail worker, a mail server and nginx in a folder."""
    with ExitStack() as stack:
        postgres = EmbeddedPostgres(folder, "leaks", durable=False)
        stack.callback(postgres.stop)
        postgres.start()
        postgres.ensure_database("template")
        _, url = stack.enter_context(new_database("template", postgres.url("postgres")))
        manage(url, "migrate", "--verbosity=0")
        manage(url, "load_first_petition")
        manage(url, "ensure_roles", "--verbosity=0")
        mail = Behaviour()
        mail_url = stack.enter_context(mail_server(mail))
        crew = Crew(WebSite(url, folder, ENV, [f"unix:{folder}/web.sock"]), mail, mail_url)
        stack.callback(crew.stop)
        crew.site.query(ASK_FOR_CITY)
        crew.site.start()
        crew.start_mail_worker()
        front = stack.enter_context(nginx_before(crew.site, folder))
        yield BusyDay(folder, postgres, crew, front, Target(crew.site))
