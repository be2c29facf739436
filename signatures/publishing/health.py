"""Says whether the site is up, and how it is, to machines."""

from __future__ import annotations

import hmac
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import cache_control

from signatures.mailing.bounce_warnings import bounce_warnings
from signatures.mailing.relaying import relay_warnings
from signatures.models import Attempt, OutgoingMail, Petition, TextVersion, WorkerBeat
from signatures.models.clock import lately
from signatures.outages import counter_errors
from signatures.safeguarding.proxy_warnings import proxy_warnings
from signatures.safeguarding.public_guards import reading_only
from signatures.safeguarding.rewrite_warnings import rewrite_warnings

WORKER_SILENT_AFTER = timedelta(minutes=2)
MAIL_LATE_AFTER = timedelta(minutes=15)
PLACEHOLDER = "The contact of the petition {slug} is a placeholder: enter an address at the desk that somebody reads."
MAIL_LATE = (
    "Mails that have waited for more than a quarter of an hour: {amount}. Look at the mail server and its answers."
)
WORKER_SILENT = "No worker has been at work for two minutes: no mail is sent, and nothing is counted. Start one."
PLAIN = "PLAIN_HTTP is set, which is for tests: names and addresses travel in the clear."


@reading_only
@cache_control(no_store=True)
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@reading_only
@cache_control(no_store=True)
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether forms can be taken; why not, and what is amiss besides, is said to whoever bears the token."""
    checks = dict.fromkeys(("database", "migrations", "limits"), False)
    warnings: list[str] = []
    # A petition's name, or that a mail cannot be delivered, is nobody's business but the operator's.
    for_operator = _bears_token(request)
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        # What keeps this in mind counts the limits, too.
        warnings += proxy_warnings()
        checks["limits"] = True
        if for_operator and checks["migrations"]:
            warnings += [*transport_warnings(), *contact_warnings(), *queue_warnings(), *rewrite_warnings()]
            warnings += bounce_warnings()
    except counter_errors():
        # What could not be asked stays false.
        pass
    is_ready = all(checks.values())
    details = {"checks": checks, "warnings": warnings} if for_operator else {}
    return JsonResponse(
        {"ready": is_ready, **details}, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    )


def queue_warnings() -> list[str]:
    """Return a sentence for each thing that keeps mails from leaving: forms are taken all the same.

    :raises django.db.Error: if the database is away
    """
    # Monitoring compares sentences, in whatever language its requests come.
    with translation.override("en"):
        refusals = relay_warnings()
    late = OutgoingMail.objects.all().late(MAIL_LATE_AFTER)
    beats = WorkerBeat.objects.filter(lately("beat_at", WORKER_SILENT_AFTER))
    return [
        *refusals,
        *([MAIL_LATE.format(amount=amount)] if (amount := late.count()) else []),
        *([] if beats.exists() else [WORKER_SILENT]),
    ]


def transport_warnings() -> list[str]:
    """Return a sentence if the settings let visitors reach the site without encryption."""
    return [PLAIN] if settings.PLAIN_HTTP and settings.SITE_ORIGIN.startswith("http://") else []


def contact_warnings() -> list[str]:
    """Return a sentence for each public petition whose signers would write to nobody; a trial start needs none.

    :raises django.db.Error: if the database is away
    """
    if settings.LOCAL_START:
        return []
    slugs = TextVersion.objects.all().with_placeholder_contact().values_list("petition__slug", flat=True)
    return [PLACEHOLDER.format(slug=slug) for slug in sorted(slugs)]


@reading_only
@cache_control(no_store=True)
def metrics(request: HttpRequest) -> HttpResponse:
    """Return counters in Prometheus' text format to whoever bears the token of the settings.

    :raises Http404: to everybody else
    """
    if not _bears_token(request):
        raise Http404
    counts = Petition.objects.public().with_count().order_by("slug").values_list("slug", "exact_count")
    lines = [
        "# TYPE petition_signatures gauge",
        *(f'petition_signatures{{petition="{slug}"}} {count}' for slug, count in counts),
        "# TYPE petition_mails_waiting gauge",
        f"petition_mails_waiting {OutgoingMail.objects.count()}",
        "# TYPE petition_attempts_waiting gauge",
        f"petition_attempts_waiting {Attempt.objects.filter(confirmed_at__isnull=True).count()}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def _bears_token(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.headers.get("Authorization", "").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(expected, given)
