"""Measures what pages, forms and mails cost, each in turns with a reference in the same process."""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from statistics import median
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.data import make_attempts
from petition_site import page_cache
from signatures.counting.folding import fold_tallies
from signatures.counting.published import published_numbers
from signatures.mailing.rendering import render_mail
from signatures.models import OutgoingMail, Petition
from signatures.models.choices import PetitionStatus
from signatures.models.protection import Protection
from signatures.safeguarding.public_guards import public_form
from signatures.texts.publishing import publish_text

TURNS = 150
TURNS_MIN = 3
SECONDS_MAX = 10.0
PETITIONS = 500
DAYS = 730
COUNTRIES = ("BY", "PL", "LT", "DE", "UA", "US", "RU", "FR", "IT", "ES", "CZ", "SK", "LV", "EE", "FI", "SE", "NO")
LEDGER = """
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT %s, (now() AT TIME ZONE 'UTC')::date - day, 'CONFIRMED', '', 'WEB', country, language, visibility, 3
FROM generate_series(1, %s) AS day, unnest(%s) AS country, unnest(ARRAY['en', 'ru']) AS language,
    unnest(ARRAY['COUNTED', 'DELIVERED', 'PUBLIC']) AS visibility
"""
FORM = b"visibility=PUBLIC&name=Anna+Petrova&country=PL&version=1&email=nobody"
Job = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """What something costs.

    :param ratio: to the reference
    :param budget: in words
    """

    name: str
    ratio: float
    budget: str
    milliseconds: float
    statements: int


def costs(petition: Petition) -> Iterator[Cost]:
    """Yield what was found to be slow once, beside a view that says one word through every layer of the site."""
    logging.disable(logging.WARNING)
    site = Site()
    live = site.get("/-/live")
    park = make_petitions(1)[0]
    page = f"/en/petitions/{park.slug}/"
    for name, path in (("page after the form", "sent/"), ("page that asks for a link", "my-signature/")):
        yield compare(f"GET {name}", live, site.get(page + path, kept=True), "<= 1")
    refused = site.post(page, FORM)
    yield compare("POST with a mistake", live, refused, "-")
    lists = {name: site.get(path) for name, path in (("list", "/en/"), ("privacy page", "/en/privacy/"))}
    for name, job in lists.items():
        yield compare(f"GET {name}, 2 petitions", live, job, "-")
    rules = park.text_versions.get().rules
    count: Job = lambda: published_numbers(park, rules)  # noqa: E731 - measured as it is
    one_row: Job = lambda: Petition.objects.filter(pk=park.pk).exists()  # noqa: E731
    yield compare("count, first day", one_row, count, "-", time.perf_counter)
    with connection.cursor() as cursor:
        cursor.execute(LEDGER, [park.pk, DAYS, list(COUNTRIES)])
    fold_tallies(all_days=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE signatures_tally")
    yield compare("count, two years", one_row, count, "<= 4", time.perf_counter)
    make_petitions(PETITIONS)
    for name, job in lists.items():
        yield compare(f"GET {name}, {PETITIONS} petitions", live, job, "-")
    yield compare("counting a form", live, counted_form(), "<= 5")
    yield mail(petition)


class Site:
    """The whole site in this process."""

    def __init__(self) -> None:
        """Make it."""
        self.application = get_wsgi_application()

    def get(self, path: str, *, kept: bool = False) -> Job:
        """Return what opens a page.

        :param kept: as the process that has just made it shows it, else as one that has kept nothing
        """
        return lambda: self._ask(path, "GET", b"", kept=kept)

    def post(self, path: str, form: bytes) -> Job:
        """Return what sends a form."""
        return lambda: self._ask(path, "POST", form, kept=True)

    def _ask(self, path: str, method: str, body: bytes, *, kept: bool) -> str:
        page_cache.LIFETIME_SECONDS = 60.0 if kept else 0.0
        statuses: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_SEC_FETCH_SITE": "same-origin",
            "HTTP_X_FORWARDED_FOR": "192.0.2.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
        }
        answer = self.application(environ, lambda status, _headers, *_: statuses.append(status))  # type: ignore[arg-type]
        for _ in answer:
            pass
        answer.close()
        return statuses[0]


def compare(name: str, reference: Job, job: Job, budget: str, clock: Callable[[], float] = time.process_time) -> Cost:
    """Return what a job costs, measured in turns with a reference.

    :param clock: of this process alone, or one that runs on while the database works
    """
    turns: dict[Job, list[float]] = {reference: [], job: []}
    for each in turns:
        each()
    until = time.perf_counter() + SECONDS_MAX
    while len(turns[job]) < TURNS and (time.perf_counter() < until or len(turns[job]) < TURNS_MIN):
        for each, seconds in turns.items():
            began = clock()
            each()
            seconds.append(clock() - began)
    with CaptureQueriesContext(connection) as asked:
        job()
    return Cost(name, median(turns[job]) / median(turns[reference]), budget, median(turns[job]) * 1000, len(asked))


def make_petitions(amount: int) -> list[Petition]:
    """Publish ordinary petitions, whose count is live."""
    made = []
    for number in range(amount):
        texts = {f"{name}_{language}": f"Text {number}" for name in PARTS for language in ("en", "ru")}
        made.append(
            Petition.objects.create(
                slug=f"park-{amount}-{number}",
                status=PetitionStatus.OPEN,
                protection=Protection.ORDINARY,
                opens_at=timezone.now(),
                contact="contact@example.org",
                **texts,
            )
        )
        recipient = {"name_en": "Council", "name_ru": "Совет", "profile": "TOTALS", "position": 0}
        made[-1].recipients.create(**recipient)
        publish_text(petition=made[-1], actor=None)
    return made


PARTS = ("title", "summary", "body", "consent", "responsible_body")


def counted_form() -> Job:
    """Return what counts a form in two windows, with nothing behind it."""
    from django.test import RequestFactory  # noqa: PLC0415 - of the bench alone

    requests = RequestFactory(headers={"sec-fetch-site": "same-origin"})
    view = public_form(lambda *_args, **_values: None)  # type: ignore[arg-type]
    return lambda: view(requests.post("/"))


def mail(petition: Petition) -> Cost:
    """Return what a mail costs beside a bare one with the same two texts."""
    make_attempts(petition, "mail", 1)
    row = OutgoingMail.objects.latest("pk")
    plain, rich = (part.get_content() for part in render_mail(row).iter_parts())

    def bare() -> bytes:
        message = EmailMessage(policy=SMTP)
        for name in ("Subject", "From", "To", "Date", "Message-ID"):
            message[name] = "x"
        message.set_content(plain)
        message.add_alternative(rich, subtype="html")
        return message.as_bytes()

    return compare("making a mail", bare, lambda: render_mail(row).as_bytes(), "<= 1.5")
