"""Says whether the site is up, and how it is, to machines."""

from __future__ import annotations

import hmac
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control

from signatures.models import Attempt, OutgoingMail, Petition, TextVersion, WorkerBeat
from signatures.outages import counter_errors
from signatures.safeguarding.forwarding import proxy_warnings
from signatures.safeguarding.origins import reading_only

WORKER_SILENT_AFTER = timedelta(minutes=2)
MAIL_LATE_AFTER = timedelta(minutes=15)
PLACEHOLDER = "The contact of the petition {slug} is a placeholder: enter an address at the desk that somebody reads."
UNAVAILABLE = 503


@reading_only
@cache_control(no_store=True)
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@reading_only
@cache_control(no_store=True)
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether what no form can be taken or answered without is fine, and what is amiss besides."""
    checks = dict.fromkeys(("database", "migrations", "mail", "worker", "limits"), False)
    warnings: list[str] = []
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        checks["mail"] = not OutgoingMail.objects.all().late(MAIL_LATE_AFTER).exists()
        checks["worker"] = WorkerBeat.objects.filter(beat_at__gt=TransactionNow() - WORKER_SILENT_AFTER).exists()
        warnings += contact_warnings()
        warnings += proxy_warnings()
        # What keeps this in mind counts the limits, too.
        checks["limits"] = True
    except counter_errors():
        # What could not be asked stays false.
        pass
    is_ready = all(checks.values())
    return JsonResponse(
        {"ready": is_ready, "checks": checks, "warnings": warnings}, status=200 if is_ready else UNAVAILABLE
    )


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
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(expected, given):
        raise Http404
    lines = ["# TYPE petition_signatures gauge"]
    lines += [
        f'petition_signatures{{petition="{petition.slug}"}} {petition.tallies.all().count_signatures()}'
        for petition in Petition.objects.public().order_by("slug")
    ]
    lines += [
        "# TYPE petition_mails_waiting gauge",
        f"petition_mails_waiting {OutgoingMail.objects.count()}",
        "# TYPE petition_attempts_waiting gauge",
        f"petition_attempts_waiting {Attempt.objects.filter(confirmed_at__isnull=True).count()}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
