"""Measures whether pages grow slower with the list: each at a few signatures and at many."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median

from benchmarks.exporting import Desk
from signatures.models import Petition
from signatures.moderating.waves import look_for_waves

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
TIMES = 15
PAGE_KEPT_SECONDS = 2.05


def seconds_per_page(desk: Desk, petition: Petition, petition_page: str) -> Mapping[str, float]:
    """Return the median seconds of each page, the public one past its cache by waiting for its two seconds.

    And of the worker's job that looks for waves, which mails wait for.
    """
    found = {name: _median(desk, LIST + path) for name, path in DESK_PAGES.items()}
    found["desk, first page"] = _median(desk, FIRST_PAGE)
    found["wave job"] = _median_of_job(petition)
    found["waves page"] = _median(desk, f"/admin/signatures/petition/{petition.pk}/waves/")
    found["petition page, not cached"] = _median(desk, petition_page, pause=PAGE_KEPT_SECONDS, times=5)
    return found


def _median(desk: Desk, path: str, *, pause: float = 0.0, times: int = TIMES) -> float:
    desk.read(path)
    seconds = []
    for _ in range(times):
        time.sleep(pause)
        started = time.perf_counter()
        desk.read(path)
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def _median_of_job(petition: Petition) -> float:
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        look_for_waves(petition.pk)
        seconds.append(time.perf_counter() - started)
    return median(seconds)
