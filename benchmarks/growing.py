"""Measures whether pages grow slower with the list: each at a few signatures and at many."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from statistics import median

from benchmarks.exporting import Desk
from signatures.models import Petition, Signature
from signatures.moderating.waves import look_for_waves

MINUTES = "%Y-%m-%dT%H:%M"
FIRST_PAGE = "/admin/"
LIST = "/admin/signatures/signature/"
DESK_PAGES = {
    "admin list, first page": "",
    "admin list, by state": "?state__exact=HELD",
    "admin list, by country": "?country=PL",
    "admin list, by choice": "?visibility__exact=PUBLIC",
    "admin list, by reason of the state": "?why=HONEYPOT",
    "admin list, names that wait": "?names=WAITING",
    "admin list, by hours": "?since=2000-01-01T00:00",
    "admin list, by numbers": "?rows=1-1000",
    "admin list, of one mail domain": "?like=1",
    "admin list, names found": "?q=%D0%B0%D0%BD%D0%BD%D0%B0",
    "admin list, none found": "?q=zyzzyva",
}
NAME = "анна"
TIMES = 15
PAGE_KEPT_SECONDS = 2.05


def seconds_per_page(desk: Desk, petition: Petition, petition_page: str) -> Mapping[str, float]:
    """Return the median seconds of each page, the public one past its cache by waiting for its two seconds.

    And of the worker's job that looks for waves, which mails wait for.
    """
    found = {name: _median(desk, LIST + path) for name, path in DESK_PAGES.items()}
    found["desk, first page"] = _median(desk, FIRST_PAGE)
    found["wave job"] = _median_of(partial(look_for_waves, petition.pk))
    found["waves page"] = _median(desk, f"/admin/signatures/petition/{petition.pk}/waves/")
    one = Signature.objects.latest("pk")
    hour = one.last_confirmed_at.replace(minute=0, second=0, microsecond=0)
    hours = {"since": f"{hour:{MINUTES}}", "until": f"{hour + timedelta(hours=1):{MINUTES}}"}
    rules: dict[str, dict[str, str]] = {
        "mail domain": {"like": str(one.pk)},
        "hour and country": {**hours, "country": one.country},
        "words of the name": {"name": NAME},
        "state": {"state": "HELD"},
        "everybody": {},
    }
    for name, conditions in rules.items():
        path = f"/admin/signatures/petition/{petition.pk}/rules/new/"
        found[f"rule preview, {name}"] = _median_of(partial(_preview, desk, path, conditions, desk.token(path)))
    found["petition page, not cached"] = _median(desk, petition_page, pause=PAGE_KEPT_SECONDS, times=5)
    return found


def _preview(desk: Desk, path: str, conditions: Mapping[str, str], token: str) -> None:
    """Make a rule and open its page."""
    answer = desk.send(path, csrfmiddlewaretoken=token, **conditions)
    answer.read()
    desk.read(answer.headers["Location"])


def _median(desk: Desk, path: str, *, pause: float = 0.0, times: int = TIMES) -> float:
    return _median_of(partial(desk.read, path), pause=pause, times=times)


def _median_of(job: Callable[[], object], *, pause: float = 0.0, times: int = TIMES) -> float:
    job()
    seconds = []
    for _ in range(times):
        time.sleep(pause)
        started = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - started)
    return median(seconds)
