"""People who sign before a backup is made, and what they and organisers take away again since."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from signatures.safeguarding import keys
from tests.support.erasure_journal import my_signature_path
from tests.support.faults.backups import Operator
from tests.support.mailbox import Mailbox, code_in
from tests.support.server.web_site import PETITION_PATH, WebSite, manage, signer

CONFIRMED = 30
UNLIMITED = {"FORM_RATES": "1000000/m", "WEB_WORKERS": "1"}
LETTERS = "abcdefghijklmnop"
DECIDE = """
from signatures.journaling import copy_own
from signatures.models import Organiser, Signature
from signatures.models.choices import SignatureState, StateReason
from signatures.moderating.deciding import move_signature
for pk in {removed}:
    move_signature(pk=pk, to=SignatureState.REMOVED, reason=StateReason.INVENTED, actor=None)
Signature.objects.filter(pk__in={hidden}).update(name_review="HIDDEN")
copy_own()
"""


def name_of(number: int) -> str:
    """Return a name; one with digits would wait until an organiser has looked at it."""
    return f"Ales {LETTERS[number // len(LETTERS)]}{LETTERS[number % len(LETTERS)]}"


def codes_of(site: WebSite, addresses: list[str]) -> dict[str, str]:
    """Let the worker send the mails, and return the code that each address got."""
    folder = site.folder / "mail"
    manage(site.database_url, "work", "--once", **{**site.env, "EMAIL_URL": folder.as_uri()})
    codes = {str(mail["To"]): code_in(mail) for mail in Mailbox(folder).messages()}
    return {address: codes[address] for address in addresses}


@dataclass
class People:
    """Who signed before the backup, and what became of each of them since."""

    sites: list[WebSite]
    addresses: list[str]
    codes: dict[str, str]
    petition_id: int
    number_of: dict[str, int]
    answered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.withdrawn, self.lowered, self.counted = self.addresses[:8], self.addresses[8:12], self.addresses[12:14]
        self.removed, self.hidden, self.renamed = self.addresses[14:17], self.addresses[17:19], self.addresses[19]
        # Withdrawn while processes are killed, and nothing done at all.
        self.cut_off, self.kept = self.addresses[20:25], self.addresses[25:CONFIRMED]
        # Not confirmed when the backup was made.
        self.never, self.still = self.addresses[CONFIRMED], self.addresses[CONFIRMED + 1]

    def link(self, address: str) -> str:
        """Return the way to one's own signature, as it stands in a mail."""
        return my_signature_path(self.petition_id, address)

    def act(self, site: WebSite, address: str, action: str) -> None:
        """Do something with one's own signature, and be answered."""
        assert site.post(self.link(address), {"action": action}).status == 200


def confirm(site: WebSite, code: str, visibility: str = "PUBLIC") -> int:
    """Press the button of a mail, and return the status."""
    return site.post(f"/en/confirm/{code}/", {"visibility": visibility, "press": "this browser"}).status


def wait_for(site: WebSite, status: int) -> None:
    """Wait until every process has looked whether it may serve."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if [site.get("/en/").status for _ in range(10)] == [status] * 10:
            return
        time.sleep(0.2)
    raise AssertionError(site.log)


def let_people_sign(sites: list[WebSite]) -> People:
    """Let people sign, and all but a few of them confirm."""
    first = sites[0]
    forms = [signer(name=name_of(number), visibility="PUBLIC") for number in range(CONFIRMED + 2)]
    addresses = [form["email"] for form in forms]
    assert {first.post(PETITION_PATH, form).status for form in forms} == {303}
    codes = codes_of(first, addresses)
    assert {confirm(first, codes[address]) for address in addresses[:CONFIRMED]} == {303}
    (petition_id,) = first.query("SELECT id FROM signatures_petition")[0]
    rows = {bytes(key): pk for key, pk in first.query("SELECT email_key, id FROM signatures_signature")}
    number_of = {one: rows[keys.email_keys(petition_id, one)[0]] for one in addresses[:CONFIRMED]}
    return People(sites, addresses, codes, petition_id, number_of)


def back_up_under_load(operator: Operator, site: WebSite) -> Path:
    """Make a backup while people go on signing."""
    stopping = threading.Event()

    def go_on_signing() -> None:
        while not stopping.is_set():
            site.post(PETITION_PATH, signer(visibility="PUBLIC"))

    load = threading.Thread(target=go_on_signing)
    load.start()
    try:
        return operator.backup(site.database_url, **site.env)
    finally:
        stopping.set()
        load.join()


def let_people_leave(people: People) -> None:
    """Withdraw, lower, rename, remove and hide, at both machines."""
    first, second = people.sites
    for number, address in enumerate(people.withdrawn):
        people.act(people.sites[number % 2], address, "WITHDRAW")
    for address in people.lowered:
        people.act(second, address, "DELIVERED")
    for address in people.counted:
        people.act(first, address, "COUNTED")
    form = signer(email=people.renamed, name="Another", visibility="DELIVERED")
    assert first.post(PETITION_PATH, form).status == 303
    assert confirm(first, codes_of(first, [people.renamed])[people.renamed], "DELIVERED") == 303
    # Whose attempt waited when the backup was made.
    people.act(second, people.never, "WITHDRAW")
    decide = DECIDE.format(
        removed=[people.number_of[one] for one in people.removed],
        hidden=[people.number_of[one] for one in people.hidden],
    )
    manage(first.database_url, "shell", "--command", decide, **first.env)
    people.answered = withdraw_while_killing(second, people)


def withdraw_while_killing(site: WebSite, people: People) -> list[str]:
    """Withdraw one after the other while the web processes are killed, and return those who were answered."""
    answered = []
    stopping = threading.Event()

    def kill() -> None:
        while not stopping.is_set():
            for worker in site.workers():
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
            time.sleep(0.4)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for address in people.cut_off:
            for _ in range(20):
                with suppress(OSError, HTTPException):
                    if site.post(people.link(address), {"action": "WITHDRAW"}).status == 200:
                        answered.append(address)
                        break
    finally:
        stopping.set()
        killer.join()
    return answered
