"""Web and mail workers are killed again and again under load: nothing is lost, and the count is right."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator

import pytest

from signatures.safeguarding import keys
from tests.support.faults.site_processes import Crew, Visitors, try_once
from tests.support.server.web_site import PETITION_PATH, manage, signer

pytestmark = pytest.mark.xdist_group("faults")

ANSWERED_MIN = 1000
KILLS_MIN = 20
KILLS_EACH = 5
VISITORS = 8
PAUSE_SECONDS = 0.2
# Over every fifth mail the server thinks long enough for its sender to be killed just then.
LINGERS = 5
SLUG = PETITION_PATH.split("/")[3]
COUNTRIES = ("BY", "PL", "LT")
VISIBILITIES = ("COUNTED", "DELIVERED", "PUBLIC")
LETTERS = "абвгдезіклмнопрстух"


class Record:
    """What visitors were told."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answered: set[str] = set()
        self.unanswered: set[str] = set()
        self.statuses: Counter[int] = Counter()

    def note(self, who: str, status: int | None) -> None:
        """Note an answer, or that there was none."""
        with self.lock:
            if status is None:
                self.unanswered.add(who)
            else:
                self.answered.add(who)
                self.statuses[status] += 1


def signing(crew: Crew, record: Record) -> Iterator[Callable[[], None]]:
    """Yield visitors who each sign once with an address of their own, until enough of them were answered."""
    before = crew.kills["web"]
    while len(record.answered) < ANSWERED_MIN:
        keep_pace(crew, before, len(record.answered) / ANSWERED_MIN)
        # Many of one name would be taken for a wave of fakes, and held.
        name = f"Алесь {''.join(random.choices(LETTERS, k=8))}"  # noqa: S311
        form = signer(name=name, country=random.choice(COUNTRIES), visibility=random.choice(VISIBILITIES))  # noqa: S311

        def sign(form: dict[str, str] = form) -> None:
            answer = try_once(lambda: crew.site.post(PETITION_PATH, form))
            record.note(form["email"], answer.status if answer else None)

        yield sign


def confirming(crew: Crew, record: Record, codes: dict[str, str]) -> Iterator[Callable[[], None]]:
    """Yield visitors who each confirm, and press the button again where there was no answer; some press it twice."""
    before = crew.kills["web"]
    todo = list(codes.items())
    random.shuffle(todo)
    todo += todo[::10]
    for number, (address, code) in enumerate(todo):
        keep_pace(crew, before, number / len(todo))

        def confirm(address: str = address, code: str = code) -> None:
            for _ in range(100):
                answer = try_once(
                    lambda: crew.site.post(f"/ru/confirm/{code}/", {"visibility": "PUBLIC", "press": code})
                )
                if answer:
                    record.note(address, answer.status)
                    return
            message = "a visitor was not answered a hundred times"
            raise AssertionError(message)

        yield confirm


def keep_pace(crew: Crew, before: int, done: float) -> None:
    """Let the kills come in between: however fast this machine is, each meets visitors and mails.

    before: how many web workers had been killed when it began.
    done: which part of the visitors has been let in.
    """
    while done > (crew.kills["web"] - before) / KILLS_EACH:
        time.sleep(0.01)


def kill_while(crew: Crew, goes_on: Callable[[], bool]) -> None:
    """Kill by turns a web worker and a mail worker, as long as something goes on."""
    while goes_on():
        crew.kill_web_worker()
        time.sleep(PAUSE_SECONDS)
        crew.kill_mail_worker()
        time.sleep(PAUSE_SECONDS)


def test_nothing_is_lost_and_the_count_is_right(crew: Crew, request: pytest.FixtureRequest) -> None:
    crew.mail.lingers = LINGERS
    signed = Record()
    visitors = Visitors(VISITORS, signing(crew, signed))
    kill_while(crew, visitors.are_busy)
    visitors.join()
    assert set(signed.statuses) == {303}
    crew.mail.lingers = 0

    codes = check_mails(crew, signed)

    confirmed = Record()
    visitors = Visitors(VISITORS, confirming(crew, confirmed, codes))
    kill_while(crew, visitors.are_busy)
    visitors.join()
    assert crew.kills["web"] + crew.kills["mail"] >= KILLS_MIN
    assert crew.kills["mail in hand"] > 0
    assert set(confirmed.statuses) == {303}
    assert confirmed.answered == set(codes)

    check_rows(crew, set(codes))
    for log in (crew.site.log, crew.worker_log.read_text(encoding="utf-8")):
        assert "Traceback" not in log
    figures = {
        "web workers killed": crew.kills["web"],
        "mail workers killed": crew.kills["mail"],
        "with a mail in hand": crew.kills["mail in hand"],
        "answered 303": signed.statuses[303] + confirmed.statuses[303],
        "signed": signed.statuses[303],
        "confirmed": len(codes),
        "unanswered": len(signed.unanswered),
        "mails repeated": len(crew.mail.mails()) - len(codes),
    }
    request.node.user_properties.append(("figures", figures))


def check_mails(crew: Crew, signed: Record) -> dict[str, str]:
    """Assert that everyone who was answered has a mail, and no one two different ones; return the codes by address."""
    crew.wait_for_mails()
    message_ids: dict[str, set[str]] = defaultdict(set)
    codes = {}
    for mail in crew.mail.mails():
        message_ids[mail.recipient].add(mail.message_id)
        codes[mail.recipient] = mail.code
    assert signed.answered - set(codes) == set(), "answered with 303, but without a mail"
    assert set(codes) <= signed.answered | signed.unanswered
    assert {address for address, ids in message_ids.items() if len(ids) > 1} == set()
    stored = crew.site.query("SELECT email_keys[1], id FROM signatures_attempt")
    assert {bytes(key) for key, _ in stored} == keys_of(crew, codes)
    assert len(stored) == len(codes)
    return codes


def keys_of(crew: Crew, addresses: Collection[str]) -> set[bytes]:
    """Return the keys under which addresses are stored."""
    petition_id = crew.site.query("SELECT id FROM signatures_petition")[0][0]
    return {keys.email_keys(petition_id, address)[0] for address in addresses}


def check_rows(crew: Crew, addresses: set[str]) -> None:
    """Assert that the signatures are those of these addresses, once each, and that every number says so."""
    rows = crew.site.query("SELECT email_key FROM signatures_signature WHERE state = 'CONFIRMED'")
    assert {bytes(key) for (key,) in rows} == keys_of(crew, addresses)
    assert len(rows) == len(addresses)
    assert crew.site.query("SELECT kind, sum(amount) FROM signatures_tally GROUP BY kind ORDER BY kind") == [
        ("CONFIRMED", len(addresses)),
        ("SUBMITTED", len(addresses)),
    ]
    checked = manage(crew.site.database_url, "check_tally").splitlines()
    assert [line.rpartition(": ")[2] for line in checked] == [str(len(addresses)), "0"], "count, and differences"
