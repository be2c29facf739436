"""A browser that has a page is answered 304, by a tag that tells nothing but the bytes of the page."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse

from signatures.safeguarding.cache_headers import same_for_everybody
from tests.support.cached_site import PUBLIC, CachedSite, public_page


def asked_again(site: CachedSite, tag: str, **meta: Any) -> Any:
    """Request the page with If-None-Match."""
    return site.get(HTTP_IF_NONE_MATCH=tag, **meta)


def test_a_visitor_who_has_the_page_gets_a_304() -> None:
    site = CachedSite()
    tag = site.get().headers["ETag"]
    for asked in (tag, f'"another", {tag}', tag.removeprefix("W/"), "*"):
        answer = asked_again(site, asked, HTTP_ACCEPT_ENCODING="gzip")
        assert (answer.status_code, answer.content) == (304, b"")
    assert asked_again(site, '"another"').content == b"page"
    assert asked_again(site, "no tag").content == b"page"
    assert len(site.asked) == 1


def test_a_304_has_every_header_that_caches_must_update() -> None:
    site = CachedSite(
        make=lambda: HttpResponse("{}", headers={"Cache-Control": PUBLIC, "Access-Control-Allow-Origin": "*"})
    )
    page = site.get()
    answer = asked_again(site, page.headers["ETag"])
    assert answer.status_code == 304
    of_body = {"Content-Type", "Content-Length"}
    assert {**answer.headers} == {name: value for name, value in page.headers.items() if name not in of_body}


def test_the_etag_depends_only_on_the_bytes_of_the_page() -> None:
    tags = {
        CachedSite(make=partial(public_page, body)).get(**meta).headers["ETag"]
        for body in ("page", "page", "another")
        for meta in ({}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_USER_AGENT": "x", "REMOTE_ADDR": "192.0.2.1"})
    }
    assert len(tags) == 2


def test_a_no_store_page_has_no_etag_even_if_the_process_caches_it() -> None:
    @same_for_everybody
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("page", headers={"Cache-Control": "no-store"})

    site = CachedSite(make=lambda: view(HttpRequest()))
    for answer in (site.get(), site.get(), asked_again(site, "*")):
        assert (answer.status_code, answer.content) == (200, b"page")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    assert len(site.asked) == 1
    site.get(method="POST")
    site.get("/en/petitions/free/deliveries/?digest=")
    assert len(site.asked) == 3
