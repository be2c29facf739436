"""Health checks and metrics for monitoring."""

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
    """Answer without touching anything else: the process is up."""
    return HttpResponse("ok\n", content_type="text/plain")


@reading_only
@cache_control(no_store=True)
def ready(request: HttpRequest) -> HttpResponse:
    """Report readiness: everything a form needs, plus warnings; details only with the bearer token."""
    checks = dict.fromkeys(("database", "migrations", "limits"), False)
    warnings: list[str] = []
    # Petitions' names and undeliverable mails are for the operator only.
    for_operator = _bears_token(request)
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        # The cache that remembers these warnings also counts the rate limits.
        warnings += proxy_warnings()
        checks["limits"] = True
        if for_operator and checks["migrations"]:
            warnings += [*transport_warnings(), *contact_warnings(), *queue_warnings(), *rewrite_warnings()]
            warnings += bounce_warnings()
    except counter_errors():
        # What could not be checked stays false.
        pass
    is_ready = all(checks.values())
    details = {"checks": checks, "warnings": warnings} if for_operator else {}
    return JsonResponse(
        {"ready": is_ready, **details}, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    )


def queue_warnings() -> list[str]:
    """Return a sentence for each problem with sending mails, during which forms are still accepted.

    :raises django.db.Error: if the database is unavailable
    """
    # Always in English, since monitoring compares sentences whatever the language of its requests.
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
    """Return a sentence if the settings allow visitors to reach the site unencrypted."""
    return [PLAIN] if settings.PLAIN_HTTP and settings.SITE_ORIGIN.startswith("http://") else []


def contact_warnings() -> list[str]:
    """Return a sentence for each public petition whose contact is only an example; a local trial needs none.

    :raises django.db.Error: if the database is unavailable
    """
    if settings.LOCAL_START:
        return []
    slugs = TextVersion.objects.all().with_placeholder_contact().values_list("petition__slug", flat=True)
    return [PLACEHOLDER.format(slug=slug) for slug in sorted(slugs)]


@reading_only
@cache_control(no_store=True)
def metrics(request: HttpRequest) -> HttpResponse:
    """Return metrics in Prometheus' text format to clients with the bearer token from the settings.

    :raises Http404: for all other clients
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
