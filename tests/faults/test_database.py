"""PostgreSQL is killed under load: visitors keep what they typed, and the service comes back by itself."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass, field

import pytest

from signatures.safeguarding import keys
from tests.support.faults.site_processes import Crew, Visitors, try_once
from tests.support.form_reading import FormReader
from tests.support.server.web_site import PETITION_PATH, Answer, manage, signer
from tryout.embedded import EmbeddedPostgres

pytestmark = pytest.mark.xdist_group("faults")

VISITORS = 6
REFUSED_MIN = 50
OUTAGES = 2


@dataclass
class Told:
    """What visitors were answered, with what they had typed."""

    taken: set[str] = field(default_factory=set)
    refused: list[tuple[dict[str, str], Answer]] = field(default_factory=list)
    others: list[Answer | None] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, form: dict[str, str], answer: Answer | None) -> None:
        """Note an answer."""
        with self.lock:
            if answer and answer.status == 303:
                self.taken.add(form["email"])
            elif answer and answer.status == 503:
                self.refused.append((form, answer))
            else:
                self.others.append(answer)


def signing(crew: Crew, told: Told) -> Iterator[Callable[[], None]]:
    """Yield visitors who each sign once, in one of two languages."""
    while True:
        for language in ("en", "ru"):
            form = signer(name="Алесь «О’Коннор» Пушкін")
            path = PETITION_PATH.replace("/ru/", f"/{language}/")

            def sign(form: dict[str, str] = form, path: str = path) -> None:
                told.note(form, try_once(lambda: crew.site.post(path, form)))

            yield sign


def kill_at_once(postgres: EmbeddedPostgres) -> None:
    """Let PostgreSQL die as in its immediate shutdown: no farewell, and recovery at the next start."""
    pid = postgres.pid
    assert pid
    os.kill(pid, signal.SIGQUIT)
    postgres.stop()


def has_more_than(number: int, things: Sized) -> Callable[[], bool]:
    """Return a function that tells whether there are so many by now."""
    return lambda: len(things) > number


def is_ready(crew: Crew) -> bool:
    """Return whether the readiness page says so."""
    return crew.site.get("/-/ready").status == 200


def test_service_returns_by_itself_and_nobody_has_to_type_again(
    crew: Crew, postgres: EmbeddedPostgres, request: pytest.FixtureRequest
) -> None:
    crew.wait_until(lambda: is_ready(crew), "the site is ready")
    processes = {process.pid for process in crew.site.workers()} | {worker.pid for worker in crew.mail_workers}
    told, seconds = Told(), []
    visitors = Visitors(VISITORS, signing(crew, told))
    for outage in range(1, OUTAGES + 1):
        taken = len(told.taken)
        crew.wait_until(has_more_than(taken + 50, told.taken), "signatures are taken")
        kill_at_once(postgres)
        crew.wait_until(has_more_than(outage * REFUSED_MIN, told.refused), "visitors are refused")
        assert crew.site.get("/-/live").status == 200
        ready = crew.site.get("/-/ready")
        assert (ready.status, json.loads(ready.text)) == (503, {"ready": False})
        postgres.start()
        refused_until = len(told.refused)
        taken = len(told.taken)
        seconds.append(crew.wait_until(has_more_than(taken + 50, told.taken), "signatures are taken again"))
        assert len(told.refused) - refused_until < REFUSED_MIN
    visitors.stop()

    assert told.others == []
    for form, answer in told.refused:
        check_refusal(form, answer)
    crew.wait_until(lambda: is_ready(crew), "the site is ready again")
    assert {process.pid for process in crew.site.workers()} | {w.pid for w in crew.mail_workers} == processes
    check_everything_is_there(crew, told)
    figures = {"outages": OUTAGES, "303": len(told.taken), "503": len(told.refused), "back after seconds": seconds}
    request.node.user_properties.append(("figures", figures))


def check_refusal(form: dict[str, str], answer: Answer) -> None:
    """Assert that a visitor was told what is the matter, when to come back, and keeps what was typed."""
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'lang="en"' in answer.text
    assert 'lang="ru"' in answer.text
    kept = FormReader(answer.text)
    assert kept.method == "post"
    assert kept.values == {name: value for name, value in form.items() if value}


def check_everything_is_there(crew: Crew, told: Told) -> None:
    """Assert that whoever was answered with 303 is stored, has a mail, and is counted as one who has sent a form."""
    crew.wait_for_mails()
    assert told.taken <= {mail.recipient for mail in crew.mail.mails()}
    ids_by_address = {(mail.recipient, mail.message_id) for mail in crew.mail.mails()}
    assert len(ids_by_address) == len({address for address, _ in ids_by_address})
    petition_id = crew.site.query("SELECT id FROM signatures_petition")[0][0]
    stored = {bytes(key) for (key,) in crew.site.query("SELECT email_keys[1] FROM signatures_attempt")}
    assert {keys.email_keys(petition_id, address)[0] for address in told.taken} <= stored
    assert crew.site.query("SELECT sum(amount) FROM signatures_tally WHERE kind = 'SUBMITTED'") == [(len(stored),)]
    assert "differences found: 0" in manage(crew.site.database_url, "check_tally")


def test_a_form_that_was_refused_is_taken_when_it_is_sent_again(crew: Crew, postgres: EmbeddedPostgres) -> None:
    form = signer()
    kill_at_once(postgres)
    assert crew.site.post(PETITION_PATH, form).status == 503
    postgres.start()
    crew.wait_until(lambda: crew.site.post(PETITION_PATH, form).status == 303, "the form is taken")
    crew.wait_until(lambda: form["email"] in {mail.recipient for mail in crew.mail.mails()}, "the mail is there")
