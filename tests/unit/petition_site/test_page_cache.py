"""Public pages are cached in the process for two seconds, with the same bytes and headers for everybody."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from pytest_django import Settings

from petition_site import page_cache
from petition_site.page_cache import PageCacheMiddleware
from signatures.publishing.signers import cursor_of
from signatures.safeguarding.cache_headers import same_for_everybody

PUBLIC = "public, max-age=2, s-maxage=5"
PATH = "/en/petitions/free/"


def public_page(body: str = "page") -> HttpResponse:
    """Return a response that may be cached."""
    return HttpResponse(body, headers={"Cache-Control": PUBLIC, "X-Made-By": "view", "Content-Language": "en"})


@dataclass
class Site:
    """A view behind the cache that counts its calls."""

    make: Callable[[], HttpResponseBase] = public_page
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cache = PageCacheMiddleware(self.view)

    def view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and record the request."""
        self.asked.append(request.get_full_path())
        return self.make()

    def get(self, path: str = PATH, method: str = "GET", **meta: Any) -> Any:
        """Send a request through the cache."""
        return self.cache(RequestFactory().generic(method, path, **meta))


def test_a_view_that_does_not_say_that_it_reads_the_query_is_given_none() -> None:
    site, given = Site(), list[Any]()
    site.view = lambda request: given.append(dict(request.GET)) or public_page()  # type: ignore[method-assign, func-returns-value]
    site.cache = PageCacheMiddleware(site.view)
    site.get(f"{PATH}?from=PL")
    site.get("/admin/?q=anna")
    assert given == [{}, {"q": ["anna"]}]


def test_a_public_page_is_made_once_and_kept() -> None:
    site = Site()
    assert site.get().content == site.get().content == b"page"
    assert len(site.asked) == 1


def test_a_kept_page_lives_for_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_cache.LIFETIME_SECONDS == 2
    monkeypatch.setattr(page_cache, "LIFETIME_SECONDS", 0.05)
    site = Site()
    site.get()
    time.sleep(0.06)
    site.get()
    assert len(site.asked) == 2


def test_an_unknown_query_string_neither_varies_the_page_nor_reaches_it() -> None:
    site = Site()
    site.get(PATH + "?utm_source=x&page=2")
    site.get()
    site.get(PATH + "?after=7")
    assert len(site.asked) == 1


def test_a_later_page_of_signers_is_neither_cached_nor_served_from_the_cache() -> None:
    site = Site()
    for _ in range(2):
        site.get(f"/en/petitions/free/signers/?after={cursor_of(7)}")
    assert len(site.asked) == 2
    site.get("/en/petitions/free/signers/?other=7")
    site.get("/en/petitions/free/signers/")
    assert len(site.asked) == 3
    # An invalid cursor gets the cached first page, which is not rendered again.
    for cursor in ("", "7", "%00", cursor_of(7)[1:]):
        site.get(f"/en/petitions/free/signers/?after={cursor}")
    assert len(site.asked) == 3


def test_the_check_of_a_digest_is_not_served_from_the_cache() -> None:
    site = Site()
    for query in ("", "?digest=a", "?digest=b", "?digest=", ""):
        site.get(f"/en/petitions/free/deliveries/{query}")
    assert len(site.asked) == 4


def test_a_cached_response_keeps_every_header_and_varies_only_on_encoding() -> None:
    site = Site()
    for response in (site.get(), site.get()):
        assert response.headers["Cache-Control"] == PUBLIC
        assert response.headers["X-Made-By"] == "view"
        assert response.headers["Content-Language"] == "en"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers["Content-Length"] == "4"
        assert "Content-Encoding" not in response.headers


def test_a_browser_that_accepts_compression_gets_the_page_compressed() -> None:
    site = Site(make=lambda: public_page("word " * 1000))
    for response in (site.get(HTTP_ACCEPT_ENCODING="br, gzip"), site.get(HTTP_ACCEPT_ENCODING="gzip")):
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Content-Length"] == str(len(response.content))
        assert len(response.content) < 200
        assert gzip.decompress(response.content) == b"word " * 1000
    assert site.get(HTTP_ACCEPT_ENCODING="br").content == b"word " * 1000
    assert len(site.asked) == 1


def test_head_is_served_from_the_same_cached_page() -> None:
    site = Site()
    site.get()
    response = site.get(method="HEAD")
    assert len(site.asked) == 1
    assert response.headers["Content-Length"] == "4"
    assert Site().get(method="HEAD").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_is_served_from_the_cache(method: str) -> None:
    site = Site()
    site.get()
    site.get(method=method)
    site.get(method=method)
    assert len(site.asked) == 3


def with_cookie() -> HttpResponse:
    """Return a page that sets a cookie."""
    response = public_page()
    response.set_cookie("a", "b")
    return response


@pytest.mark.parametrize(
    "make",
    [
        lambda: HttpResponse("private"),
        lambda: HttpResponse("x", headers={"Cache-Control": "no-store"}),
        lambda: HttpResponse("x", headers={"Cache-Control": "public, max-age=2"}),
        lambda: HttpResponse("x", status=404, headers={"Cache-Control": PUBLIC}),
        lambda: HttpResponse("x", status=503, headers={"Cache-Control": PUBLIC}),
        lambda: HttpResponse("x", status=302, headers={"Cache-Control": PUBLIC}),
        lambda: StreamingHttpResponse([b"x"], headers={"Cache-Control": PUBLIC}),
        with_cookie,
    ],
)
def test_only_public_successful_responses_without_cookies_are_cached(make: Callable[[], HttpResponseBase]) -> None:
    site = Site(make=make)
    site.get()
    site.get()
    assert len(site.asked) == 2
    assert site.cache.pages == {}


def test_a_page_that_stops_being_public_is_evicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "LIFETIME_SECONDS", 0)
    site = Site()
    site.get()
    site.make = lambda: HttpResponse("gone", status=404)
    assert site.get().status_code == 404
    assert site.cache.pages == {}


def test_a_wrong_host_is_refused_on_a_cache_hit_too() -> None:
    site = Site()
    site.get()
    with pytest.raises(DisallowedHost):
        site.get(HTTP_HOST="evil.example")


def test_what_an_onion_visitor_sees_over_http_is_not_shown_to_others(settings: Settings) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    settings.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
    site = Site()
    with listener:
        through_onion: dict[str, Any] = {"gunicorn.socket": listener}
        site.get(**through_onion)
    site.make = lambda: HttpResponse("use https", status=301)
    assert site.get().status_code == 301


def test_http_and_https_are_kept_apart() -> None:
    site = Site()
    site.get()
    site.get(**{"wsgi.url_scheme": "https"})
    assert len(site.asked) == 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "PAGES_MAX", 3)
    site = Site()
    for number in range(20):
        site.get(f"/en/petitions/{number}/")
    assert len(site.cache.pages) <= 3


@pytest.fixture
def slow_site(monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a site with a stale page that takes a while to render."""
    site = Site()
    site.get()
    next(iter(site.cache.pages.values())).expires = 0

    def slow() -> HttpResponse:
        time.sleep(0.05)
        return public_page("new")

    site.make = slow
    return site


def test_concurrent_requests_for_a_stale_page_render_it_once(slow_site: Site) -> None:
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(slow_site.get().content)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"new"] * 8
    assert len(slow_site.asked) == 2


def test_a_page_ages_from_the_start_of_its_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "LIFETIME_SECONDS", 0.05)

    def slow() -> HttpResponse:
        page = public_page("what was read")
        # Somebody may withdraw while the rest of the page is rendered.
        time.sleep(0.06)
        return page

    site = Site(make=slow)
    site.get()
    site.make = lambda: public_page("what is there now")
    assert site.get().content == b"what is there now"


@pytest.mark.parametrize(("proxies", "expected"), [(0, PUBLIC), (1, f"{PUBLIC}, stale-while-revalidate=1")])
def test_our_proxy_may_serve_a_stale_page_for_a_second_during_revalidation(
    settings: Settings, proxies: int, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert Site().get().headers["Cache-Control"] == expected


def asked_again(site: Site, tag: str, **meta: Any) -> Any:
    """Request the page with If-None-Match."""
    return site.get(HTTP_IF_NONE_MATCH=tag, **meta)


def test_a_visitor_who_has_the_page_gets_a_304() -> None:
    site = Site()
    tag = site.get().headers["ETag"]
    for asked in (tag, f'"another", {tag}', tag.removeprefix("W/"), "*"):
        answer = asked_again(site, asked, HTTP_ACCEPT_ENCODING="gzip")
        assert (answer.status_code, answer.content) == (304, b"")
    assert asked_again(site, '"another"').content == b"page"
    assert asked_again(site, "no tag").content == b"page"
    assert len(site.asked) == 1


def test_a_304_has_every_header_that_caches_must_update() -> None:
    site = Site(make=lambda: HttpResponse("{}", headers={"Cache-Control": PUBLIC, "Access-Control-Allow-Origin": "*"}))
    page = site.get()
    answer = asked_again(site, page.headers["ETag"])
    assert answer.status_code == 304
    of_body = {"Content-Type", "Content-Length"}
    assert {**answer.headers} == {name: value for name, value in page.headers.items() if name not in of_body}


def test_the_etag_depends_only_on_the_bytes_of_the_page() -> None:
    tags = {
        Site(make=partial(public_page, body)).get(**meta).headers["ETag"]
        for body in ("page", "page", "another")
        for meta in ({}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_USER_AGENT": "x", "REMOTE_ADDR": "192.0.2.1"})
    }
    assert len(tags) == 2


def test_a_no_store_page_has_no_etag_even_if_the_process_caches_it() -> None:
    @same_for_everybody
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("page", headers={"Cache-Control": "no-store"})

    site = Site(make=lambda: view(HttpRequest()))
    for answer in (site.get(), site.get(), asked_again(site, "*")):
        assert (answer.status_code, answer.content) == (200, b"page")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    assert len(site.asked) == 1
    site.get(method="POST")
    site.get("/en/petitions/free/deliveries/?digest=")
    assert len(site.asked) == 3
