"""Limits the requests of one network, counted before anything is written."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.http import HttpRequest
from django_ratelimit import ALL
from django_ratelimit.core import get_usage

from signatures.safeguarding.counter_cache import CounterCache, Window, WindowList
from signatures.safeguarding.networks import ONION, Network, client_networks
from signatures.safeguarding.rates import Rate

# All public forms share one limit: with separate limits, the remaining amount would reveal which form was sent.
FORMS = "forms"
LOGIN = "login"


def network_key(network: str, day: str) -> str:
    """Return the keyed hash, in hexadecimal, under which a network is counted; the key changes every UTC day."""
    daily_key = hmac.digest(settings.NETWORK_SECRET.encode(), day.encode(), hashlib.sha256)
    return hmac.digest(daily_key, network.encode(), hashlib.sha256).hex()


def seconds_to_wait(request: HttpRequest, group: str = FORMS) -> int:
    """Count a request, whatever its method, and return the seconds until its network may try again, 0 if it may pass.

    A request counts in a wider network only if it passes in the narrower ones, so that refused requests do not use up
    the neighbours' share.

    :param group: ``FORMS`` or ``LOGIN``, each with a separate limit
    """
    day = datetime.now(UTC).date().isoformat()
    levels = [_windows(request, group, network, day) for network in client_networks(request)]
    amounts = _count(caches["ratelimits"], levels)
    over = [window for level in levels for window in level if amounts.get(window.key, 0) > window.allowed]
    # For django-ratelimit the second at which a window ends still belongs to that window.
    return max((window.seconds_left + 1 for window in over), default=0)


def _rates(group: str, network: Network) -> list[str]:
    """Return the rates for a network: the onion service has its own for forms, and both for logins, so the stricter."""
    rates = settings.FORM_RATES if group == FORMS else settings.LOGIN_RATES
    shared = [Rate.read(rate).times(network.share) for rate in rates]
    if network.name != ONION:
        return shared
    return [*settings.ONION_RATES] if group == FORMS else [*shared, *settings.ONION_RATES]


def _windows(request: HttpRequest, group: str, network: Network, day: str) -> list[Window]:
    """Return the windows, as computed by django-ratelimit, in which a request from a network counts now."""
    key = network_key(network.name, day)
    asked = cast("WindowList", caches[settings.RATELIMIT_USE_CACHE])
    windows: dict[str, Window] = {}
    for rate in _rates(group, network):
        usage = get_usage(request, group=group, key=lambda *_: key, rate=rate, method=ALL, increment=True)
        if usage is not None:
            window = Window(*asked.take(), allowed=usage["limit"], seconds_left=usage["time_left"])
            windows[window.key] = window
    return list(windows.values())


def _count(cache: BaseCache, levels: list[list[Window]]) -> dict[str, int]:
    """Count a request level by level until one is over its limit, and return the sums by key."""
    if isinstance(cache, CounterCache):
        return cache.count(levels)
    amounts: dict[str, int] = {}
    for level in levels:
        amounts |= {window.key: _add_one(cache, window) for window in level}
        if _is_over(level, amounts):
            break
    return amounts


def _is_over(level: Iterable[Window], amounts: dict[str, int]) -> bool:
    return any(amounts[window.key] > window.allowed for window in level)


def _add_one(cache: BaseCache, window: Window) -> int:
    while True:
        if cache.add(window.key, 1, window.lifetime):
            return 1
        try:
            return cache.incr(window.key)
        except ValueError:
            # The counter expired between the two calls.
            continue
