"""Public pages are cached in the process for two seconds, with the same bytes and headers for everybody."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from pytest_django import Settings

from petition_site import page_cache
from petition_site.page_cache import PageCacheMiddleware
from signatures.publishing.signers import cursor_of
from tests.support.cached_site import PATH, PUBLIC, CachedSite, public_page


def test_a_view_that_does_not_say_that_it_reads_the_query_is_given_none() -> None:
    site, given = CachedSite(), list[Any]()
    site.view = lambda request: given.append(dict(request.GET)) or public_page()  # type: ignore[method-assign, func-returns-value]
    site.cache = PageCacheMiddleware(site.view)
    site.get(f"{PATH}?from=PL")
    site.get("/admin/?q=anna")
    assert given == [{}, {"q": ["anna"]}]


def test_a_public_page_is_made_once_and_kept() -> None:
    site = CachedSite()
    assert site.get().content == site.get().content == b"page"
    assert len(site.asked) == 1


def test_a_kept_page_lives_for_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_cache.LIFETIME_SECONDS == 2
    monkeypatch.setattr(page_cache, "LIFETIME_SECONDS", 0.05)
    site = CachedSite()
    site.get()
    time.sleep(0.06)
    site.get()
    assert len(site.asked) == 2


def test_an_unknown_query_string_neither_varies_the_page_nor_reaches_it() -> None:
    site = CachedSite()
    site.get(PATH + "?utm_source=x&page=2")
    site.get()
    site.get(PATH + "?after=7")
    assert len(site.asked) == 1


def test_a_later_page_of_signers_is_neither_cached_nor_served_from_the_cache() -> None:
    site = CachedSite()
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
    site = CachedSite()
    for query in ("", "?digest=a", "?digest=b", "?digest=", ""):
        site.get(f"/en/petitions/free/deliveries/{query}")
    assert len(site.asked) == 4


def test_a_cached_response_keeps_every_header_and_varies_only_on_encoding() -> None:
    site = CachedSite()
    for response in (site.get(), site.get()):
        assert response.headers["Cache-Control"] == PUBLIC
        assert response.headers["X-Made-By"] == "view"
        assert response.headers["Content-Language"] == "en"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers["Content-Length"] == "4"
        assert "Content-Encoding" not in response.headers


def test_a_browser_that_accepts_compression_gets_the_page_compressed() -> None:
    site = CachedSite(make=lambda: public_page("word " * 1000))
    for response in (site.get(HTTP_ACCEPT_ENCODING="br, gzip"), site.get(HTTP_ACCEPT_ENCODING="gzip")):
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Content-Length"] == str(len(response.content))
        assert len(response.content) < 200
        assert gzip.decompress(response.content) == b"word " * 1000
    assert site.get(HTTP_ACCEPT_ENCODING="br").content == b"word " * 1000
    assert len(site.asked) == 1


def test_head_is_served_from_the_same_cached_page() -> None:
    site = CachedSite()
    site.get()
    response = site.get(method="HEAD")
    assert len(site.asked) == 1
    assert response.headers["Content-Length"] == "4"
    assert CachedSite().get(method="HEAD").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_is_served_from_the_cache(method: str) -> None:
    site = CachedSite()
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
    site = CachedSite(make=make)
    site.get()
    site.get()
    assert len(site.asked) == 2
    assert site.cache.pages == {}


def test_a_page_that_stops_being_public_is_evicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "LIFETIME_SECONDS", 0)
    site = CachedSite()
    site.get()
    site.make = lambda: HttpResponse("gone", status=404)
    assert site.get().status_code == 404
    assert site.cache.pages == {}


def test_a_wrong_host_is_refused_on_a_cache_hit_too() -> None:
    site = CachedSite()
    site.get()
    with pytest.raises(DisallowedHost):
        site.get(HTTP_HOST="evil.example")


def test_what_an_onion_visitor_sees_over_http_is_not_shown_to_others(settings: Settings) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    settings.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
    site = CachedSite()
    with listener:
        through_onion: dict[str, Any] = {"gunicorn.socket": listener}
        site.get(**through_onion)
    site.make = lambda: HttpResponse("use https", status=301)
    assert site.get().status_code == 301


def test_http_and_https_are_kept_apart() -> None:
    site = CachedSite()
    site.get()
    site.get(**{"wsgi.url_scheme": "https"})
    assert len(site.asked) == 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "PAGES_MAX", 3)
    site = CachedSite()
    for number in range(20):
        site.get(f"/en/petitions/{number}/")
    assert len(site.cache.pages) <= 3


@pytest.fixture
def slow_site(monkeypatch: pytest.MonkeyPatch) -> CachedSite:
    """Return a site with a stale page that takes a while to render."""
    site = CachedSite()
    site.get()
    next(iter(site.cache.pages.values())).expires = 0

    def slow() -> HttpResponse:
        time.sleep(0.05)
        return public_page("new")

    site.make = slow
    return site


def test_concurrent_requests_for_a_stale_page_render_it_once(slow_site: CachedSite) -> None:
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

    site = CachedSite(make=slow)
    site.get()
    site.make = lambda: public_page("what is there now")
    assert site.get().content == b"what is there now"


@pytest.mark.parametrize(("proxies", "expected"), [(0, PUBLIC), (1, f"{PUBLIC}, stale-while-revalidate=1")])
def test_our_proxy_may_serve_a_stale_page_for_a_second_during_revalidation(
    settings: Settings, proxies: int, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert CachedSite().get().headers["Cache-Control"] == expected
