"""Limits the requests of one network, and guesses at one account, counted before anything is written."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django_ratelimit import ALL
from django_ratelimit.core import get_usage

from signatures.safeguarding.counter_cache import CounterCache, Window, WindowList
from signatures.safeguarding.devices import typed_alike
from signatures.safeguarding.limit_hits import note_limit_hit
from signatures.safeguarding.networks import ONION, Network, client_networks
from signatures.safeguarding.rates import Rate

if TYPE_CHECKING:
    # Redis's client takes memory in every process, and most sites count in PostgreSQL.
    from signatures.safeguarding.redis_counters import RedisCounters

# All public forms share one limit: with separate limits, the remaining amount would reveal which form was sent.
FORMS = "forms"
LOGIN = "login"
FACTOR, PASSKEY = "factor", "passkey"
# Guesses at the second factor of one account, from wherever they come. Three of a million codes fit at a time: whoever
# has the password needs more than ten years for an even chance.
FACTOR_RATES = ("5/m", "20/h", "60/d")
# Attempts from one browser that was let in before, and with the old password of one account.
DEVICE, OLD_PASSWORD = "device", "old password"
REFUSED, HALF_WAY = "refused", "half way"
# Counted only, and never reached.
REFUSED_RATE = "1000000000/h"


def network_key(network: str, day: str) -> str:
    """Return the keyed hash, in hexadecimal, under which a network is counted; the key changes every UTC day.

    User names and devices are counted under the same kind of hash.
    """
    daily_key = hmac.digest(settings.NETWORK_SECRET.encode(), day.encode(), hashlib.sha256)
    return hmac.digest(daily_key, network.encode(), hashlib.sha256).hex()


def account_key(account: str) -> str:
    """Return the keyed hash, in hexadecimal, under which guesses at an account are counted today."""
    # No network's name contains NUL.
    return network_key(f"account\0{account}", _today())


def seconds_to_wait_for_account(request: HttpRequest, account: str, group: str, rates: Sequence[str]) -> int:
    """Count a guess at an account, and return the seconds until it may be guessed at again, 0 if this one may pass.

    :param account: what identifies it
    :param group: what is guessed; each has a separate limit
    :param rates: how many guesses it allows, in django-ratelimit's notation
    """
    name = f"{group} of account"
    return _wait([_windows(request, name, account_key(account), rates)], name)


def seconds_to_wait(request: HttpRequest, group: str = FORMS) -> int:
    """Count a request, whatever its method, and return the seconds until its network may try again, 0 if it may pass.

    A request counts in a wider network only if it passes in the narrower ones, so that refused requests do not use up
    the neighbours' share.

    :param group: ``FORMS``, ``LOGIN`` or ``FACTOR``, each with a separate limit
    """
    day = _today()
    return _wait(
        [
            _windows(request, group, network_key(network.name, day), _rates(group, network))
            for network in client_networks(request)
        ],
        group,
    )


def seconds_to_log_in(request: HttpRequest, name: str, device: str | None) -> int:
    """Count an attempt to log in, and return the seconds until another may be made, 0 if this one may pass.

    Whether there is such an account makes no difference.

    :param name: user name as it was typed
    :param device: the browser, if this account has logged in there before; it is then counted alone
    """
    if device is not None:
        rates = [*settings.LOGIN_RATES, *settings.LOGIN_ACCOUNT_RATES]
        return seconds_to_wait_for_account(request, device, DEVICE, rates)
    return seconds_to_wait(request, LOGIN) or seconds_to_wait_for_account(
        request, typed_alike(name), LOGIN, settings.LOGIN_ACCOUNT_RATES
    )


def seconds_to_type_password(request: HttpRequest, account_id: int) -> int:
    """Count a typed old password of an account that is logged in, and return the seconds to wait, or 0."""
    return seconds_to_wait_for_account(request, str(account_id), OLD_PASSWORD, settings.LOGIN_ACCOUNT_RATES)


def seconds_to_show_factor(request: HttpRequest, account_id: int, password: str, group: str = FACTOR) -> int:
    """Count a second factor that is shown for an account, and return the seconds to wait, or 0.

    :param password: what changes with the password: whoever guesses has it, and a new one ends their count
    :param group: ``FACTOR`` or ``PASSKEY``
    """
    return seconds_to_wait_for_account(request, f"{account_id}\0{password}", group, FACTOR_RATES)


def count_refused(request: HttpRequest, name: str) -> int:
    """Count a refused attempt for a user name, and return how many there were within an hour."""
    return _count_refused(request, typed_alike(name))


def count_refused_passkey(request: HttpRequest, account_id: int) -> int:
    """Count a refused passkey of an account, and return how many there were within an hour."""
    # No user name contains NUL.
    return _count_refused(request, f"{PASSKEY}\0{account_id}")


def _count_refused(request: HttpRequest, account: str) -> int:
    level = _windows(request, REFUSED, account_key(account), [REFUSED_RATE])
    return max(_count([level]).values(), default=0)


def count_half_way(request: HttpRequest, account_id: int) -> int:
    """Count a right password without the second factor, and return how many there were within an hour."""
    level = _windows(request, HALF_WAY, account_key(str(account_id)), [REFUSED_RATE])
    return max(_count([level]).values(), default=0)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _wait(levels: list[list[Window]], limit: str) -> int:
    """Count a request in windows, level by level, and return the seconds until the last that is over its limit ends.

    :param limit: the name that it has in the metrics
    """
    amounts = _count(levels)
    over = [window for level in levels for window in level if amounts.get(window.key, 0) > window.allowed]
    if over:
        note_limit_hit(limit)
    # For django-ratelimit the second at which a window ends still belongs to that window.
    return max((window.seconds_left + 1 for window in over), default=0)


def _rates(group: str, network: Network) -> list[str]:
    """Return the rates for a network: the onion service has its own for forms, and both for logins, so the stricter."""
    rates = settings.FORM_RATES if group == FORMS else settings.LOGIN_RATES
    shared = [Rate.read(rate).times(network.share) for rate in rates]
    if network.name != ONION:
        return shared
    return [*settings.ONION_RATES] if group == FORMS else [*shared, *settings.ONION_RATES]


def _windows(request: HttpRequest, group: str, key: str, rates: Sequence[str]) -> list[Window]:
    """Return the windows, as computed by django-ratelimit, in which a request counts now under a key."""
    asked = cast("WindowList", caches[settings.RATELIMIT_USE_CACHE])
    windows: dict[str, Window] = {}
    for rate in rates:
        usage = get_usage(request, group=group, key=lambda *_: key, rate=rate, method=ALL, increment=True)
        if usage is not None:
            window = Window(*asked.take(), allowed=usage["limit"], seconds_left=usage["time_left"])
            windows[window.key] = window
    return list(windows.values())


def store_warnings() -> list[str]:
    """Return a sentence if the limits are not counted where the settings say."""
    return _store().warnings()


def _count(levels: list[list[Window]]) -> dict[str, int]:
    """Count a request level by level until one is over its limit, and return the sums by key."""
    return _store().count(levels)


def _store() -> CounterCache | RedisCounters:
    return cast("CounterCache | RedisCounters", caches["ratelimits"])
