"""Metrics are those of all processes of the web server, whichever answers, and go on when processes are replaced."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator

import pytest

from tests.support.operating.promtool import promtool
from tests.support.server.web_site import PETITION_PATH, WebSite, web_site
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("servers")

TOKEN = "a token of the tests"
AMOUNT = 40
LIMIT = 5


@pytest.fixture(scope="module")
def site(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site with four processes."""
    env = {"METRICS_TOKEN": TOKEN, "FORM_RATES": f"{LIMIT}/d"}
    with web_site(loaded_database, tmp_path_factory.mktemp("metrics"), env) as running:
        yield running


def page(site: WebSite) -> str:
    """Read the metrics over a new connection, which any process may answer."""
    answer = site.get("/-/metrics", [("Authorization", f"Bearer {TOKEN}")])
    assert answer.status == 200
    return answer.text


def number(site: WebSite, sample: str) -> float:
    """Return a number, 0 if it is not told."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", page(site), re.MULTILINE)
    return float(found[1]) if found else 0.0


def read_pages(site: WebSite, amount: int = AMOUNT) -> None:
    """Ask for pages that do not exist, which are told exactly, each over a new connection."""
    for _ in range(amount):
        assert site.get("/no/such/page/").status == 404


NOT_FOUND = 'petition_http_requests_total{route="unresolved",status="404"}'
WHOLE = "petition_http_request_duration_seconds_count"


def test_every_process_tells_of_all_and_loses_nothing_when_one_is_killed(site: WebSite) -> None:
    read_pages(site)
    assert {number(site, NOT_FOUND) for _ in range(8)} == {AMOUNT}
    before = {worker.pid for worker in site.workers()}
    for worker in site.workers()[:2]:
        worker.kill()
    wait_until(lambda: len({worker.pid for worker in site.workers()} - before) == 2)
    read_pages(site)
    assert {number(site, NOT_FOUND) for _ in range(8)} == {2 * AMOUNT}
    # A server that reads its configuration anew replaces all processes.
    assert site.process is not None
    before = {worker.pid for worker in site.workers()}
    site.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(site.workers()) == 4 and not before & {worker.pid for worker in site.workers()})
    read_pages(site)
    assert {number(site, NOT_FOUND) for _ in range(8)} == {3 * AMOUNT}


def test_prometheus_takes_what_a_running_site_tells(site: WebSite) -> None:
    checked = promtool("check", "metrics", given=page(site))
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_limits_and_times_are_told_and_monitoring_itself_is_not(site: WebSite) -> None:
    for _ in range(LIMIT + 7):
        site.post("/en/confirm/", {"code": "x"})
    assert number(site, 'petition_limits_hit_total{limit="forms"}') == 7
    for _ in range(10):
        site.get(PETITION_PATH)
    assert number(site, 'petition_http_requests_total{route="petition",status="200"}') == 10
    before = number(site, WHOLE)
    time.sleep(0.1)
    assert number(site, WHOLE) == before >= AMOUNT
