"""The site behind nginx as deploy/nginx sets it up, over TLS."""

from __future__ import annotations

import http.client
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.server.nginx_front import HOST, Front, FrontAnswer, nginx_before
from tests.support.server.web_site import PETITION_PATH, signer, web_site

pytestmark = pytest.mark.xdist_group("servers")

LIMIT = 3
HEADER_SECONDS = 10  # client_header_timeout
BODY_SECONDS = 10  # client_body_timeout


@pytest.fixture(scope="module")
def front(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run the site behind nginx, with a limit that is soon reached."""
    folder = tmp_path_factory.mktemp("nginx")
    env = {
        "SITE_ORIGIN": f"https://{HOST}",
        "ALLOWED_HOSTS": "testserver",
        "TRUSTED_PROXIES": "1",
        "FORM_RATES": f"{LIMIT}/h",
        "WEB_WORKERS": "1",
    }
    with (
        web_site(loaded_database, folder, env, [f"unix:{folder}/web.sock"]) as site,
        nginx_before(site, folder) as running,
    ):
        yield running


def test_plain_http_is_led_to_https(front: Front) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)) as link:
        link.request("GET", PETITION_PATH, headers={"Host": HOST})
        answer = link.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}{PETITION_PATH}")


def test_a_page_is_served_compressed_with_its_headers_and_kept_for_others(front: Front) -> None:
    first = front.ask(PETITION_PATH, headers={"Accept-Encoding": "gzip, br"})
    assert first.status == 200
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Set-Cookie" not in first.headers
    workers = front.site.workers()
    for worker in workers:
        worker.suspend()
    try:
        # The site is asleep: what is answered now comes from nginx, for any spelling of the same wish.
        again = front.ask(f"{PETITION_PATH}?utm_source=x", headers={"Accept-Encoding": "gzip"})
    finally:
        for worker in workers:
            worker.resume()
    assert (again.status, again.text) == (200, first.text)


def test_each_visitor_is_limited_by_the_address_that_nginx_saw(front: Front) -> None:
    version = front.site.query("SELECT max(number) FROM signatures_textversion")[0][0]
    statuses = []
    for number in range(LIMIT + 1):
        form = "&".join(f"{name}={value}" for name, value in signer(name="Anna", version=str(version)).items())
        forged = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        statuses.append(front.ask(PETITION_PATH, form.encode(), forged).status)
    assert statuses == [303] * LIMIT + [429]


def assert_page_of_nginx(answer: FrontAnswer, english: str, russian: str) -> None:
    """Assert that an answer is a page in every language, with every header that the site gives its own."""
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    text = answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"<h1>{english}</h1>" in text
    assert f"<h2>{russian}</h2>" in text
    # Nothing that the policy would keep from working, and nothing from elsewhere.
    assert re.search(r"<(script|style|link|img|form)|style=|https?:", answer.text) is None
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_body_that_is_too_large_is_refused_in_every_language(front: Front) -> None:
    answer = front.ask(PETITION_PATH, b"name=" + b"x" * 6_000_000)
    assert answer.status == 413
    assert_page_of_nginx(answer, "This is more than we take at once.", "Это больше, чем мы принимаем за один раз.")
    assert "Retry-After" not in answer.headers


def test_a_request_that_cannot_be_read_is_refused_in_every_language(front: Front) -> None:
    for status, answer in {
        414: front.ask("/en/" + "x" * 20_000),
        400: front.ask("/en/", headers={"Host": "a/b"}),
    }.items():
        assert answer.status == status
        assert_page_of_nginx(answer, "This request could not be read.", "Этот запрос не удалось прочитать.")
        assert "Retry-After" not in answer.headers


def test_an_answer_of_the_site_has_each_header_once_and_stays_as_it_is(front: Front) -> None:
    answer = front.ask("/ru/nowhere/")
    assert answer.status == 404
    assert '<html lang="ru"' in answer.text
    for name in ("Strict-Transport-Security", "X-Frame-Options", "Content-Security-Policy"):
        assert [header for header, _ in answer.lines].count(name) == 1
    assert front.ask("/petition-errors/away.html").status == 404


def test_a_visitor_who_stops_in_the_middle_is_cut_off(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.plain_port), timeout=30) as link:
        begin = time.monotonic()
        link.sendall(b"GET / HTTP/1.1\r\nHost: ")
        # nginx says 408 or nothing at all.
        assert link.recv(65536)[:12] in {b"", b"HTTP/1.1 408"}
        assert HEADER_SECONDS - 1 <= time.monotonic() - begin <= HEADER_SECONDS + 5


def test_a_visitor_whose_form_breaks_off_is_cut_off_and_never_reaches_the_site(front: Front) -> None:
    with front.connect() as link:
        begin = time.monotonic()
        head = f"POST {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n"
        link.sendall(f"{head}Content-Length: 1000\r\n\r\nvisibility=COUNTED&na".encode())
        # nginx closes without a word.
        assert link.recv(65536) == b""
        assert BODY_SECONDS - 1 <= time.monotonic() - begin <= BODY_SECONDS + 5


def test_while_the_site_is_down_visitors_are_told_so_in_every_language(front: Front) -> None:
    front.site.stop()
    try:
        answers = [front.ask("/en/confirm/"), front.ask("/ru/confirm/", b"code=x"), front.ask("/admin/login/")]
    finally:
        front.site.start()
        front.open_socket()
    for answer in answers:
        assert answer.status == 502
        assert_page_of_nginx(answer, "The site is not available for a moment.", "Сайт ненадолго недоступен.")
        assert answer.headers["Retry-After"] == "30"
    assert front.ask("/ru/confirm/").status == 200


def test_no_log_says_who_was_here_or_what_they_asked_for(front: Front) -> None:
    front.ask("/en/confirm/ZYZZ-YVA7-QK20-0000/?zyzzyva=1", headers={"Referer": "https://zyzzyva.example/"})
    front.ask("/%00zyzzyva")
    with closing(http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)) as link:
        link.request("GET", "/zyzzyva" * 2000, headers={"Host": HOST})
        assert link.getresponse().status == 414
    assert {log.name for log in front.folder.glob("*.log")} >= {"access.log", "error.log"}
    for log in front.folder.glob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace").lower()
        assert "zyzz" not in text, log.name
        assert "client: " not in text, log.name
        assert "127.0.0.1" not in text.replace("listening at: http://127.0.0.1", ""), log.name
