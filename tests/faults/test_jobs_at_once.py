"""Several workers, folds, expiries and repairs run at once, while visitors sign and confirm: the numbers stay exact."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import count

import pytest
from django.db import connection
from pytest_django import Settings

from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import check_tally, compare_tally
from signatures.mailing.sending import send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import Attempt, OutgoingMail, Petition, Signature
from signatures.safeguarding.encryption import decrypt
from signatures.signing.actions import expire_attempts
from tests.support import factories
from tests.support.database import THREAD_SECONDS_MAX, at_once, query
from tests.support.faults.direct_visitor import DirectClient
from tests.support.faults.failing_mail_server import Behaviour, mail_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

VISITOR = DirectClient()
EACH = 30
EXPIRY_SECONDS = 1.0
NUMBERS = count(1)


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send as many forms as it likes."""
    settings.FORM_RATES = ["100000/m"]


@contextmanager
def repeating(*jobs: Callable[[], object]) -> Iterator[None]:
    """Repeat each job in a thread of its own, once more after the end, and raise what went wrong in one."""
    ending = threading.Event()
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            while not ending.is_set():
                job()
            job()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread of the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in threads:
            thread.join(THREAD_SECONDS_MAX)
    if errors:
        raise errors[0]


def sign(petition: Petition, addresses: list[str], amount: int) -> list[int]:
    """Let so many people sign, add their addresses, and return the statuses of the answers."""
    statuses = []
    for number in range(amount):
        addresses.append(f"{next(NUMBERS)}@example.org")
        country = ("BY", "PL", "LT")[number % 3]
        statuses.append(factories.sign(VISITOR, petition, email=addresses[-1], country=country).status_code)
    return statuses


def confirm(codes: list[str]) -> list[int]:
    """Confirm one code after the other and return the statuses of the answers."""
    return [factories.confirm(VISITOR, code).status_code for code in codes]


def test_every_attempt_is_counted_once_as_what_became_of_it(petition: Petition) -> None:
    addresses: list[str] = []
    assert set(sign(petition, addresses, 3 * EACH)) == {303}
    codes = [decrypt(row.secret_encrypted) for row in OutgoingMail.objects.order_by("id")]
    confirmed_codes = codes[: 2 * EACH]
    # Half of those who confirm may be too late: their attempts run out while they press the button.
    ids = list(Attempt.objects.order_by("id").values_list("pk", flat=True)[:EACH])
    query(
        "UPDATE signatures_attempt SET expires_at = now() + random() * make_interval(secs => %s) WHERE id = ANY (%s)",
        [EXPIRY_SECONDS, ids],
    )
    behaviour = Behaviour()
    with ExitStack() as stack:
        url = stack.enter_context(mail_server(behaviour))
        transports = [stack.enter_context(closing(SmtpTransport(url))) for _ in range(3)]
        jobs: list[Callable[[], object]] = [
            fold_tallies,
            fold_tallies,
            expire_attempts,
            expire_attempts,
            partial(repair, petition),
        ]
        with repeating(*jobs, *[partial(send_batch, transport) for transport in transports]):
            answers = at_once(
                partial(sign, petition, addresses, EACH), *[partial(confirm, confirmed_codes[n::4]) for n in range(4)]
            )
            time.sleep(EXPIRY_SECONDS)
    statuses = Counter(status for answered in answers[1:] for status in answered)
    assert set(answers[0]) == {303}
    assert statuses.total() == 2 * EACH
    expired = EACH - (statuses[303] - EACH)
    assert statuses == Counter({303: 2 * EACH - expired, 404: expired})
    check_numbers(petition, submitted=4 * EACH, confirmed=statuses[303], expired=expired)
    recipients = Counter(mail.recipient for mail in behaviour.mails())
    # Whoever was faster than the mail needs none; nobody gets two.
    assert set(recipients.values()) == {1}
    assert set(addresses[2 * EACH :]) <= set(recipients)
    assert not OutgoingMail.objects.exists()


def repair(petition: Petition) -> None:
    """Look for something to repair, as an operator might at any moment; there must be nothing."""
    assert check_tally(petition=Petition.objects.get(pk=petition.pk), repair=True) == {}


def check_numbers(petition: Petition, *, submitted: int, confirmed: int, expired: int) -> None:
    """Assert what the tallies by day and by hour say, and that the signatures and attempts agree."""
    expected = {"SUBMITTED": submitted, "CONFIRMED": confirmed, "EXPIRED": expired}
    expected = {kind: amount for kind, amount in expected.items() if amount}
    assert dict(query("SELECT kind, sum(amount) FROM signatures_tally GROUP BY kind")) == expected
    assert dict(query("SELECT kind, sum(amount) FROM signatures_hourtally GROUP BY kind")) == expected
    assert Signature.objects.count() == confirmed
    assert Attempt.objects.filter(confirmed_at__isnull=True).count() == submitted - confirmed - expired
    assert compare_tally(petition) == {}
    assert petition.tallies.all().count_signatures() == confirmed
