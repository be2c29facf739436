"""Limits on what one network may do, counted before anything is written."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit import ALL
from django_ratelimit.core import get_usage

from signatures.safeguarding.networks import ONION, client_network


def network_key(network: str, day: str) -> str:
    """Return the keyed hash under which a network is counted; its key changes with the UTC day."""
    daily_key = hmac.digest(settings.NETWORK_SECRET.encode(), day.encode(), hashlib.sha256)
    return hmac.digest(daily_key, network.encode(), hashlib.sha256).hex()


def seconds_to_wait(request: HttpRequest, group: str, rates: list[str]) -> int:
    """Count one request of a group and return 0, or the seconds until the visitor's network may try again.

    :param group: what is limited, such as ``sign``; each group counts on its own
    :param rates: limits in django-ratelimit's notation; onion visitors share one bucket with limits of its own
    """
    network = client_network(request)
    if network == ONION:
        rates = settings.ONION_RATES
    key = network_key(network, datetime.now(UTC).date().isoformat())
    wait = 0
    for rate in rates:
        usage = get_usage(request, group=group, key=lambda *_: key, rate=rate, method=ALL, increment=True)
        if usage is not None and usage["should_limit"]:
            # django-ratelimit counts the second at which a window ends to that window.
            wait = max(wait, usage["time_left"] + 1)
    return wait
