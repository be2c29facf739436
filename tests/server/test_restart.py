"""A restart for a new release loses no request: systemd holds the sockets, and requests wait in them."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.server.local_site import START_SECONDS
from tests.support.server.nginx_front import Front, nginx_before
from tests.support.server.socket_holder import SocketHolder, held_sockets, make_release, settings_behind_nginx
from tests.support.server.web_site import PETITION_PATH, UnixConnection, WebSite, ask, new_database, signer

pytestmark = pytest.mark.xdist_group("servers")

RESTARTS = 5
# One visitor after the other in each; the machine is to be busy, not to starve.
READERS, SIGNERS, ONION_VISITORS = 3, 2, 1
PAUSE_SECONDS = 0.02
QUIET_SECONDS = 0.5


@dataclass
class Load:
    """What visitors were answered while the site was started anew again and again.

    :param front: nginx before it
    """

    front: Front
    is_over: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    releases: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def visit(self, kind: str, request: Callable[[], tuple[int, str]]) -> None:
        """Send one request after the other, and count the answers by kind and status."""
        while not self.is_over.is_set():
            try:
                status, release = request()
            except OSError as error:
                status, release = 0, type(error).__name__
            with self.lock:
                self.answers[f"{kind} {status or release}"] += 1
                self.releases.add(release)
            time.sleep(PAUSE_SECONDS)

    def read(self) -> tuple[int, str]:
        """Ask for a page that nginx does not keep."""
        answer = self.front.ask("/en/confirm/")
        return answer.status, answer.headers.get("X-Release", "")

    def sign(self) -> tuple[int, str]:
        """Sign as somebody new."""
        form = urlencode(signer(name="Anna", version="1")).encode()
        answer = self.front.ask(PETITION_PATH, form)
        return answer.status, answer.headers.get("X-Release", "")

    def read_over_onion(self) -> tuple[int, str]:
        """Ask for a page as Tor does."""
        with closing(UnixConnection(str(self.front.folder / "onion.sock"), 60)) as link:
            answer = ask(link, "/en/confirm/")
            return answer.status, answer.headers.get("X-Release", "")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let all of them visit until the end of the block."""
        kinds = [("read", self.read)] * READERS + [("sign", self.sign)] * SIGNERS
        kinds += [("onion", self.read_over_onion)] * ONION_VISITORS
        threads = [threading.Thread(target=self.visit, args=kind) for kind in kinds]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()


@pytest.fixture
def holder(loaded_database: str, tmp_path: Path) -> Iterator[SocketHolder]:
    """Hold the sockets of a site with several releases, none of which is started."""
    for number in range(RESTARTS + 1):
        make_release(tmp_path, number)
    tmp_path.chmod(0o755)
    with new_database(loaded_database) as (_, url):
        onion = {"ONION_LISTENERS": f"unix:{tmp_path}/onion.sock", "ONION_RATES": "100000/m"}
        env = settings_behind_nginx(url, tmp_path) | onion
        with held_sockets(tmp_path, env, ["web.sock", "onion.sock"]) as holding:
            yield holding


def test_five_restarts_under_load_lose_no_request_and_each_serves_the_new_code(
    holder: SocketHolder, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    site = WebSite(holder.env["DATABASE_URL"], tmp_path)
    holder.restart(0)
    with nginx_before(site, tmp_path) as front:
        load = Load(front)
        seconds = []
        with load.running():
            for number in range(1, RESTARTS + 1):
                time.sleep(QUIET_SECONDS)
                began = time.monotonic()
                holder.restart(number)
                seconds.append(time.monotonic() - began)
                assert load.read() == (200, str(number))
    record_property("figures", f"{dict(load.answers)}, restarts of {max(seconds):.1f} s at most")
    assert set(load.answers) == {"read 200", "sign 303", "onion 200"}, load.answers
    assert load.releases == {str(number) for number in range(RESTARTS + 1)}
    assert site.query("SELECT count(*) FROM signatures_attempt") == [(load.answers["sign 303"],)]
    # Held, not made anew: nobody could have connected in between.
    assert (tmp_path / "web.sock").exists()


def test_an_answer_that_is_under_way_is_finished_by_the_release_that_began_it(
    holder: SocketHolder, tmp_path: Path
) -> None:
    holder.restart(0)
    with nginx_before(WebSite("", tmp_path), tmp_path) as front:
        told = []
        thread = threading.Thread(target=lambda: told.append(front.ask("/-/slow")))
        thread.start()
        time.sleep(QUIET_SECONDS)
        holder.restart(1)
        thread.join()
        assert [(answer.text, answer.headers["X-Release"]) for answer in told] == [("slow", "0")]
        assert front.ask("/-/slow").headers["X-Release"] == "1"


def test_a_visitor_who_connects_and_says_nothing_does_not_hold_up_a_restart(
    holder: SocketHolder, tmp_path: Path
) -> None:
    holder.restart(0)
    with closing(UnixConnection(str(tmp_path / "onion.sock"), 30)) as silent:
        silent.connect()
        time.sleep(QUIET_SECONDS)
        began = time.monotonic()
        holder.stop()
        # Within the two seconds that kept connections are given, not the 20 for a request.
        assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"BIND": "127.0.0.1:8000"}, "BIND names 127.0.0.1:8000, and systemd hands over"),
        ({"ONION_LISTENERS": "127.0.0.1:8001"}, "ONION_LISTENERS names 127.0.0.1:8001, and systemd hands over"),
        (
            {"BIND": "unix:{}/web.sock", "ONION_LISTENERS": ""},
            "onion.sock, which neither BIND nor ONION_LISTENERS names",
        ),
    ],
)
def test_listeners_of_the_settings_that_are_not_those_handed_over_stop_the_start(
    tmp_path: Path, env: dict[str, str], sentence: str
) -> None:
    make_release(tmp_path, 0)
    filled = {name: value.format(tmp_path) for name, value in env.items()}
    with held_sockets(
        tmp_path, {"DATABASE_URL": os.environ["DATABASE_URL"], **filled}, ["web.sock", "onion.sock"]
    ) as it:
        (tmp_path / "current").symlink_to(tmp_path / "releases" / "0")
        assert it.run({}).wait(START_SECONDS) == 1
        assert sentence in it.log
        assert "Traceback" not in it.log
