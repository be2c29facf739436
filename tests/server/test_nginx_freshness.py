"""What nginx keeps: for a crowd of readers, and for a few seconds only, since people withdraw."""

from __future__ import annotations

import http.server
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.urls import URLPattern

from petition_site.urls import of_petition
from signatures.publishing.signers import cursor_of
from signatures.safeguarding.cache_headers import ASKED
from tests.support.server.local_site import ROOT
from tests.support.server.nginx_front import HOST, Front, nginx_before
from tests.support.server.unix_site import UnixServer
from tests.support.server.web_site import PETITION_PATH, WebSite, web_site

pytestmark = pytest.mark.xdist_group("servers")

SIGNERS = f"{PETITION_PATH}signers/"
# Two in the process, five in nginx; a visitor of today cannot have renewed it in between.
SECONDS = 7.0
# nginx looks through what nobody asks for every ten seconds, for what was asked for ten seconds ago.
ON_DISK_SECONDS = 30
SIGN = """
INSERT INTO signatures_signature (petition_id, email_key, state, source, visibility, name, country, language,
    text_version_id, reason_approved, ever_counted)
SELECT petition_id, convert_to(%s, 'UTF8'), 'CONFIRMED', 'WEB', 'PUBLIC', %s, 'PL', 'en', id, false, true
FROM signatures_textversion
"""
CODINGS = ("gzip", "identity")


@pytest.fixture
def front(loaded_database: str, tmp_path: Path) -> Iterator[Front]:
    """Run the site behind nginx."""
    env = {
        "SITE_ORIGIN": f"https://{HOST}",
        "ALLOWED_HOSTS": "testserver",
        "TRUSTED_PROXIES": "1",
        "WEB_WORKERS": "2",
    }
    with (
        web_site(loaded_database, tmp_path, env, [f"unix:{tmp_path}/web.sock"]) as site,
        nginx_before(site, tmp_path) as running,
    ):
        yield running


def sign(site: WebSite, *names: str) -> None:
    """Have people sign so that everyone may see their names, the last one on top."""
    for name in names:
        site.query(SIGN, [name, name])
    # As a release shows them, in an order that is known here.
    site.query("UPDATE signatures_signature SET is_listed = true, place = id")


def test_a_name_that_was_withdrawn_is_gone_at_the_first_visit_and_none_is_shown_once_the_site_has_stopped(
    front: Front,
) -> None:
    sign(front.site, "Zyzzyva Stays", "Zyzzyva Leaves")
    pages = [SIGNERS, SIGNERS.replace("/ru/", "/en/"), f"{SIGNERS}?after=999"]
    for page in pages:
        for coding in CODINGS:
            assert names_on(front, page, coding) == ["Zyzzyva Leaves", "Zyzzyva Stays"]
    front.site.query("DELETE FROM signatures_signature WHERE name = 'Zyzzyva Leaves'")
    time.sleep(SECONDS)
    for page in pages:
        for coding in CODINGS:
            assert names_on(front, page, coding) == ["Zyzzyva Stays"]
    front.site.stop()
    time.sleep(SECONDS)
    for page in [*pages, PETITION_PATH]:
        for coding in CODINGS:
            answer = front.ask(page, headers={"Accept-Encoding": coding})
            assert answer.status == 502
            assert "Zyzzyva" not in answer.text
            assert "<h1>The site is not available for a moment.</h1>" in answer.text
    cache = front.folder / "petition-cache"
    until = time.monotonic() + ON_DISK_SECONDS
    while left := [path for path in cache.rglob("*") if path.is_file()]:
        assert time.monotonic() < until, left
        time.sleep(0.5)


def names_on(front: Front, path: str, coding: str) -> list[str]:
    """Return the names on a page that is there."""
    answer = front.ask(path, headers={"Accept-Encoding": coding})
    assert answer.status == 200
    return re.findall("Zyzzyva [A-Z][a-z]+", answer.text)


@pytest.mark.parametrize("query", ["after=A{}", "after=%41{}", "%61fter=A{}", "after=999&after=A{}", "x=1&after=A{}"])
def test_neither_the_first_page_nor_one_further_down_takes_the_place_of_the_other(front: Front, query: str) -> None:
    sign(front.site, "Zyzzyva First", "Zyzzyva Second")
    (number,) = front.site.query("SELECT max(id) FROM signatures_signature")[0]
    cursor = cursor_of(number)
    assert cursor.startswith("A")
    for _ in range(2):
        assert names_on(front, f"{SIGNERS}?{query.format(cursor[1:])}", "gzip") == ["Zyzzyva First"]
        assert names_on(front, SIGNERS, "gzip") == ["Zyzzyva Second", "Zyzzyva First"]
    # What makes no difference to a page takes no new place.
    assert names_on(front, f"{PETITION_PATH}?utm_source=x", "gzip") == []


def test_it_knows_every_page_that_reads_a_parameter() -> None:
    text = (ROOT / "deploy" / "nginx" / "snippets" / "http.conf").read_text(encoding="utf-8")
    found = re.search(r'map "\$uri \$args" \$petition_reads_query \{.*?\((.*?)\)/ \."', text, re.DOTALL)
    assert found
    assert set(found[1].split("|")) == {
        route.name for route in of_petition if isinstance(route, URLPattern) and hasattr(route.callback, ASKED)
    }


class SlowSite(http.server.BaseHTTPRequestHandler):
    """Answers as the site does, late, with the number of the request."""

    asked = 0
    lock = threading.Lock()

    def do_GET(self) -> None:
        """Answer."""
        with SlowSite.lock:
            SlowSite.asked += 1
            body = f"page {SlowSite.asked}".encode()
        time.sleep(0.3)
        self.send_response(200)
        self.send_header("Cache-Control", "public, max-age=2, s-maxage=5, stale-while-revalidate=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """Return nothing: a Unix socket has no address."""
        return ""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def crowd_front(folder: Path) -> Iterator[Front]:
    """Run nginx before a site that counts."""
    SlowSite.asked = 0
    with UnixServer(str(folder / "web.sock"), SlowSite) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with nginx_before(WebSite("", folder, {}), folder) as front:
                yield front
        finally:
            server.shutdown()
            thread.join()


def crowd(front: Front) -> set[str]:
    """Let many ask at once, and return what they were told."""
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(front.ask("/en/").text)) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 30
    return set(answers)


def test_a_crowd_asks_the_site_once_for_a_page_that_is_new_and_once_more_when_it_is_old(tmp_path: Path) -> None:
    with crowd_front(tmp_path) as front:
        assert crowd(front) == {"page 1"}
        assert crowd(front) == {"page 1"}
        assert SlowSite.asked == 1
        # When it has just grown old, one fetches the new one while the others are served.
        until = time.monotonic() + 10
        while SlowSite.asked == 1:
            assert time.monotonic() < until
            crowd(front)
        time.sleep(0.5)
        assert crowd(front) == {"page 2"}
        assert SlowSite.asked == 2
