"""People who sign and confirm while something is killed, and a record of what they were told."""

from __future__ import annotations

import http.client
import random
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlencode

from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.site_processes import Visitors
from tests.support.server.nginx_front import HOST, NamedConnection
from tests.support.server.web_site import PETITION_PATH, signer

PEOPLE_AT_ONCE = 4
PATIENCE_SECONDS = 120
ANSWER_SECONDS = 15
AGAIN_SECONDS = 0.2
LETTERS = "абвгдезіклмнопрстух"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass
class Record:
    """What people were told while one part was killed.

    taken_at: when each form was answered with a 303, by the monotonic clock.
    signed: the addresses whose attempt was answered, and ``confirmed`` those whose confirmation was.
    unsure: those who pressed again, and were told that the code is used: whether the first press counted they do not
        know.
    sent: how many forms were sent.
    """

    taken_at: list[float] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    sent: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_without(self, since: float) -> float:
        """Return the longest time after an instant in which no form was taken."""
        times = [since, *sorted(at for at in self.taken_at if at >= since)]
        return max((later - earlier for earlier, later in pairwise(times)), default=float("inf"))

    def taken_since(self, since: float) -> int:
        """Return how many forms were taken after an instant."""
        return sum(at >= since for at in list(self.taken_at))


@dataclass
class Mailboxes:
    """Everybody's mailbox: the code of each address."""

    mail: Behaviour
    codes: dict[str, str] = field(default_factory=dict)
    read: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def code_of(self, address: str) -> str | None:
        """Return the code that an address was sent, if its mail has come."""
        with self.lock:
            fresh = self.mail.taken[self.read :]
            self.read += len(fresh)
            for mail in fresh:
                self.codes[mail.recipient] = mail.code
            return self.codes.get(address)


@dataclass
class Crowd:
    """People at the site behind nginx."""

    port: int
    context: ssl.SSLContext
    mailboxes: Mailboxes
    record: Record = field(default_factory=Record)
    is_over: bool = False

    def begin(self) -> Visitors:
        """Let people come, one after the other, until ``is_over``."""
        return Visitors(PEOPLE_AT_ONCE, self._people())

    def _people(self) -> Iterator[Callable[[], None]]:
        while not self.is_over:
            yield self.sign_and_confirm

    def sign_and_confirm(self) -> None:
        """Sign, wait for the mail, and confirm; each form is sent again until it is answered."""
        name = f"Алесь {''.join(random.choices(LETTERS, k=8))}"  # noqa: S311
        form = signer(name=name, visibility=random.choice(("COUNTED", "DELIVERED", "PUBLIC")))  # noqa: S311
        address = form["email"]
        until = time.monotonic() + PATIENCE_SECONDS
        while self.send(PETITION_PATH, form) != 303:
            assert time.monotonic() < until, "a form was not taken"
            time.sleep(AGAIN_SECONDS)
        self.record.signed.add(address)
        while (code := self.mailboxes.code_of(address)) is None:
            assert time.monotonic() < until + PATIENCE_SECONDS, f"{address} was told to look for a mail, and has none"
            time.sleep(AGAIN_SECONDS)
        self.confirm(address, code, until + 2 * PATIENCE_SECONDS)

    def confirm(self, address: str, code: str, until: float) -> None:
        """Press the button, again and again where no answer comes."""
        has_pressed = False
        press = {"visibility": "COUNTED", "press": uuid.uuid4().hex}
        while (status := self.send(f"/ru/confirm/{code}/", press)) != 303:
            if status == 404:
                assert has_pressed, "a code that nobody had used was refused"
                self.record.unsure.add(address)
                return
            has_pressed = True
            assert time.monotonic() < until, "a confirmation was not taken"
            time.sleep(AGAIN_SECONDS)
        self.record.confirmed.add(address)

    def send(self, path: str, form: dict[str, str]) -> int:
        """Send a form over a new connection, and return the status of the answer, or 0 if none came."""
        link = NamedConnection(self.port, self.context)
        link.timeout = ANSWER_SECONDS
        headers = {"Host": HOST, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM_TYPE}
        with closing(link):
            try:
                link.request("POST", path, urlencode(form), headers)
                answer = link.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                status = 0
        with self.record.lock:
            self.record.sent += 1
            if status == 303:
                self.record.taken_at.append(time.monotonic())
            else:
                self.record.refused[status] = self.record.refused.get(status, 0) + 1
        return status
