"""Purging the web cache: what nginx kept is not shown again, and it keeps pages again soon."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from signatures.safeguarding.web_cache import KEPT_SECONDS
from tests.support.server.local_site import ROOT
from tests.support.server.nginx_front import CACHE_OFF, HOST, Front, nginx_before
from tests.support.server.web_site import PETITION_PATH, web_site

ASLEEP_SECONDS = 1.0

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture
def front(loaded_database: str, tmp_path: Path) -> Iterator[Front]:
    """Run the site behind nginx."""
    env = {"SITE_ORIGIN": f"https://{HOST}", "ALLOWED_HOSTS": "testserver", "TRUSTED_PROXIES": "1", "WEB_WORKERS": "1"}
    with (
        web_site(loaded_database, tmp_path, env, [f"unix:{tmp_path}/web.sock"]) as site,
        nginx_before(site, tmp_path) as running,
    ):
        yield running


def purge(folder: Path) -> subprocess.Popen[bytes]:
    """Start the command as an operator does."""
    env = {**os.environ, "WEB_CACHE_OFF_FILE": str(folder / CACHE_OFF)}
    return subprocess.Popen([sys.executable, "manage.py", "purge_web_cache"], cwd=ROOT, env=env)


def is_kept(front: Front) -> bool:
    """Return whether nginx answers by itself while the site is asleep."""
    front.ask(PETITION_PATH)
    workers = front.site.workers()
    for worker in workers:
        worker.suspend()
    try:
        with closing(front.link()) as link:
            link.connect()
            link.sock.settimeout(ASLEEP_SECONDS)
            link.request("GET", PETITION_PATH, headers={"Host": HOST})
            return link.getresponse().status == 200
    except TimeoutError:
        return False
    finally:
        for worker in workers:
            worker.resume()


def test_a_purge_ends_what_was_kept_and_then_lets_pages_be_kept_again(front: Front, tmp_path: Path) -> None:
    assert is_kept(front)
    began = time.monotonic()
    running = purge(tmp_path)
    while not (tmp_path / CACHE_OFF).exists():
        assert running.poll() is None
        time.sleep(0.02)
    assert not is_kept(front)
    assert running.wait(30) == 0
    assert time.monotonic() - began >= KEPT_SECONDS
    assert not (tmp_path / CACHE_OFF).exists()
    assert is_kept(front)
