"""Behind nginx nobody waits for another visitor's page that is never kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from tests.support.server.nginx_front import HOST, Front, nginx_before
from tests.support.server.web_site import PETITION_PATH, web_site

pytestmark = pytest.mark.xdist_group("servers")

VISITORS = 8
SECONDS = 2.0
# With the lock half of the visitors waited for two seconds and more; a busy machine takes part of one.
WAIT_MAX = 1.2
# How long nginx lets others wait for a page that could be kept.
LOCK_SECONDS = 1.0
NEVER_KEPT = [
    f"{PETITION_PATH}sent/",
    f"{PETITION_PATH}my-signature/",
    "/ru/confirm/",
    "/ru/confirm/0000-0000-0000-0000/",
    "/ru/my-signature/x/",
    "/ru/no-mail/x/",
    f"{PETITION_PATH}deliveries/?digest=0",
    "/ru/nothing/",
    f"{PETITION_PATH}nothing/",
    "/-/ready",
    "/admin/login/",
]


@pytest.fixture(scope="module")
def front(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run the site behind nginx."""
    folder: Path = tmp_path_factory.mktemp("waiting")
    env = {
        "SITE_ORIGIN": f"https://{HOST}",
        "ALLOWED_HOSTS": "testserver",
        "TRUSTED_PROXIES": "1",
        "WEB_WORKERS": "2",
        "FORM_RATES": "100000/m",
    }
    with (
        web_site(loaded_database, folder, env, [f"unix:{folder}/web.sock"]) as site,
        nginx_before(site, folder) as running,
    ):
        yield running


@dataclass
class Crowd:
    """How long the answers took that some visitors got.

    :param taken: seconds of each answer
    :param longest: seconds of the longest wait of each visitor
    """

    taken: list[float] = field(default_factory=list)
    longest: list[float] = field(default_factory=list)

    def visit(self, front: Front, path: str, until: float) -> None:
        """Ask for a page again and again, as one visitor."""
        taken = []
        with closing(front.link()) as link:
            while time.monotonic() < until:
                began = time.monotonic()
                link.request("GET", path, headers={"Host": HOST})
                link.getresponse().read()
                taken.append(time.monotonic() - began)
        self.taken += taken
        self.longest.append(max(taken))

    @property
    def figures(self) -> str:
        """Return them in words."""
        slowest = sorted(self.taken)[int(len(self.taken) * 0.99)]
        return (
            f"{len(self.taken)} answers, p99 {slowest * 1000:.0f} ms,"
            f" the longest wait of half of the visitors {median(self.longest) * 1000:.0f} ms"
        )


def crowd_at(front: Front, path: str) -> Crowd:
    """Let eight visitors ask for a page at once, again and again."""
    crowd = Crowd()
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=crowd.visit, args=(front, path, until)) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return crowd


@pytest.mark.parametrize("path", NEVER_KEPT)
def test_visitors_of_a_page_that_is_never_kept_do_not_wait_for_each_other(
    front: Front, path: str, record_property: Callable[[str, object], None]
) -> None:
    crowd = crowd_at(front, path)
    record_property("figures", crowd.figures)
    # Where one holds up all others, the one who is served always is first again: p99 alone would not show it.
    assert median(crowd.longest) < WAIT_MAX


def test_visitors_of_what_could_be_kept_and_is_not_there_wait_a_second_at_most(
    front: Front, record_property: Callable[[str, object], None]
) -> None:
    crowd = crowd_at(front, "/ru/petitions/nowhere/")
    record_property("figures", crowd.figures)
    assert median(crowd.longest) < LOCK_SECONDS + WAIT_MAX


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_who_has_a_page_already_is_told_so(front: Front, coding: str) -> None:
    first = front.ask(PETITION_PATH, headers={"Accept-Encoding": coding})
    again = front.ask(PETITION_PATH, headers={"Accept-Encoding": coding, "If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert front.ask(PETITION_PATH, headers={"If-None-Match": '"another"'}).status == 200
