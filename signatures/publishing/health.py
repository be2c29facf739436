"""Health checks for monitoring."""

from __future__ import annotations

import hmac
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import cache_control

from signatures.mailing.bounce_warnings import bounce_warnings
from signatures.mailing.relaying import relay_warnings
from signatures.models import OutgoingMail, TextVersion, WorkerBeat
from signatures.models.clock import lately
from signatures.models.switch import SwitchName
from signatures.publishing.readiness import READINESS
from signatures.replica import replica_warnings
from signatures.safeguarding.proxy_warnings import proxy_warnings
from signatures.safeguarding.public_guards import reading_only
from signatures.safeguarding.rate_limits import store_warnings
from signatures.safeguarding.rewrite_warnings import rewrite_warnings
from signatures.safeguarding.switches import are_mails_held, switched_on

WORKER_SILENT_AFTER = timedelta(minutes=2)
MAIL_LATE_AFTER = timedelta(minutes=15)
PLACEHOLDER = "The contact of {which} is a placeholder: enter an address at the desk that somebody reads."
MAIL_LATE = (
    "Mails that have waited for more than a quarter of an hour: {amount}. Look at the mail server and its answers."
)
NO_WORKER = "No worker has been at work for two minutes: no mail is sent, and nothing is counted."
WORKER_SILENT = f"{NO_WORKER} Start one."
SWITCHED = "The emergency switch {name} is on: `switch` says since when and why."
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
    checks = READINESS.checks()
    warnings: list[str] = []
    # Petitions' names and undeliverable mails are for the operator only.
    for_operator = bears_token(request)
    if for_operator and checks["limits"]:
        try:
            warnings += [*proxy_warnings(), *store_warnings()]
            warnings += [*switch_warnings(), *transport_warnings(), *contact_warnings()]
            warnings += [*queue_warnings(), *rewrite_warnings()]
            warnings += [*bounce_warnings(), *replica_warnings()]
        except Error:
            # It went away a moment ago, which the next answer says.
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
    # Those that a switch holds are late on purpose.
    late = OutgoingMail.objects.none() if are_mails_held() else OutgoingMail.objects.all().late(MAIL_LATE_AFTER)
    beats = WorkerBeat.objects.filter(lately("beat_at", WORKER_SILENT_AFTER))
    return [
        *refusals,
        *([MAIL_LATE.format(amount=amount)] if (amount := late.count()) else []),
        *([] if beats.exists() else [WORKER_SILENT]),
    ]


def switch_warnings() -> list[str]:
    """Return a sentence for each emergency switch that is on."""
    return [SWITCHED.format(name=name.value) for name in SwitchName if name in switched_on()]


def transport_warnings() -> list[str]:
    """Return a sentence if the settings allow visitors to reach the site unencrypted."""
    return [PLAIN] if settings.PLAIN_HTTP and settings.SITE_ORIGIN.startswith("http://") else []


def contact_warnings() -> list[str]:
    """Return a sentence for each public petition whose contact is only an example.

    :raises django.db.Error: if the database is unavailable
    """
    return [PLACEHOLDER.format(which=f"the petition {slug}") for slug in placeholder_contacts()]


def placeholder_contacts() -> list[str]:
    """Return the slugs of public petitions whose contact is only an example; a local trial needs none.

    :raises django.db.Error: if the database is unavailable
    """
    if settings.LOCAL_START:
        return []
    return sorted(TextVersion.objects.all().with_placeholder_contact().values_list("petition__slug", flat=True))


def bears_token(request: HttpRequest) -> bool:
    """Return whether a request comes from monitoring, which has the token of the settings."""
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.headers.get("Authorization", "").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(expected, given)
