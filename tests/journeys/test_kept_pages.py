"""Who has a page already is told so; what is kept where follows from the page, for every address that there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from pytest_django import Settings

from petition_site.site_identity import Logo
from signatures.models import Petition
from signatures.publishing.signers import cursor_of
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.every_route import Site, fill
from tests.support.mailbox import Mailbox
from tests.support.news_mails import make_petition_with_news
from tests.support.page_reading import page_of
from tests.support.server.local_site import ROOT

pytestmark = pytest.mark.django_db

NGINX = (ROOT / "deploy" / "nginx" / "snippets" / "http.conf").read_text(encoding="utf-8")
# The pages that are made for each visitor's link, code or session, or say how the site is at this moment.
NEVER_KEPT = {
    "sent",
    "confirm_entry",
    "confirm",
    "my_signature_request",
    "my_signature",
    "no_mail",
    "no_alerts",
    "news_by_mail",
    "confirm_news",
    "no_news",
    "live",
    "ready",
    "metrics",
    "logo",  # a browser keeps it for ever
    "mirrors_signature",
    "mirrors_key",
}
# Answers that lead elsewhere.
LEADING = {"home", "first_list_page"}
# Shown again by the process for two seconds, though no cache may keep them: they are the same for everybody.
SAME_FOR_ALL = {"sent", "confirm_entry", "my_signature_request", "news_by_mail"}


def has_nginx_keep(path: str) -> bool:
    """Return whether deploy/nginx looks an address up in its cache."""
    table = re.search(r"map \$uri \$petition_never_kept \{\n    default 1;\n(.*?)\}\n", NGINX, re.DOTALL)
    assert table
    patterns = re.findall(r'^    "~(.*)" "";$', table[1], re.MULTILINE)
    assert len(patterns) == table[1].count("\n")
    return any(re.search(pattern, path) for pattern in patterns)


@pytest.fixture
def site(petition: Petition, mailbox: Mailbox, organiser_client: Callable[[str], Client], settings: Settings) -> Site:
    """Return a site that has something of everything."""
    settings.METRICS_TOKEN, settings.MIRRORS_SIGNING_KEY = "token", b"k" * 32
    settings.SITE_LOGO = Logo(b"<svg/>", "image/svg+xml", "0123456789abcdef")
    for _ in range(51):
        factories.make_petition()
    return fill(petition, mailbox, organiser_client(""))


def opened(path: str, **headers: str) -> Any:
    """Open a page in a process that has kept nothing."""
    return Client(headers={"authorization": "Bearer token", **headers}).get(path)


def test_of_every_address_caches_keep_what_is_public_and_nothing_else(site: Site) -> None:
    kept = set()
    for route in all_routes():
        path = site.path_of(route) if "/admin/" not in route.pattern else "/admin/login/"
        page, other = opened(path), opened(path, **{"user-agent": "another", "if-none-match": '"x"'})
        assert page.status_code == other.status_code == (302 if route.name in LEADING else 200), path
        if "s-maxage" not in page.headers.get("Cache-Control", ""):
            assert route.is_admin or route.name in NEVER_KEPT | LEADING, path
            assert "ETag" not in page.headers, path
            assert not has_nginx_keep(path) or route.name in LEADING, path
            continue
        kept.add(route.name)
        assert has_nginx_keep(path), path
        assert page.content == other.content, path
        tag = page.headers["ETag"]
        assert re.fullmatch('W/"[0-9a-f]{32}"', tag)
        assert other.headers["ETag"] == tag
        again = opened(path, **{"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b""), path
        for name in ("Cache-Control", "ETag", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy"):
            assert again.headers.get(name) == page.headers.get(name), path
    assert len(kept) >= 20


def test_nothing_of_the_desk_has_a_tag_or_is_looked_up_by_nginx(site: Site) -> None:
    for route in all_routes():
        if route.is_admin and "{content_type_id}" not in route.pattern and "{url}" not in route.pattern:
            path = site.path_of(route)
            assert "ETag" not in site.organiser.get(path).headers, path
            assert not has_nginx_keep(path), path


def test_what_is_not_there_is_kept_nowhere_and_has_no_tag(petition: Petition) -> None:
    for path in ("/en/nothing/", "/en/petitions/nowhere/", page_of(petition) + "text/9/", "/en/page/7/"):
        answer = opened(path, **{"if-none-match": "*"})
        assert answer.status_code == 404
        assert "ETag" not in answer.headers
        assert "s-maxage" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("query", ["tryout=1", "after=1", "after=", "x=1", "tryout=1&tryout=2", "%74ryout=1"])
def test_no_address_is_made_anew_because_of_a_parameter_that_it_does_not_read(
    site: Site, django_assert_num_queries: Any, query: str
) -> None:
    routes = [route for route in all_routes() if not route.is_admin and route.name not in LEADING]
    tried = 0
    for route in routes:
        path, process = site.path_of(route), Client()
        first = process.get(path)
        if route.name not in SAME_FOR_ALL and "s-maxage" not in first.headers.get("Cache-Control", ""):
            continue
        tried += 1
        with django_assert_num_queries(0):
            again = process.get(f"{path}?{query}")
        assert again.content == first.content, path
    assert tried > 20


def test_a_petition_may_be_called_like_a_page_that_reads_a_parameter(django_assert_num_queries: Any) -> None:
    for slug in ("signers", "deliveries", "sent"):
        factories.make_petition(slug=slug)
        process, path = Client(), f"/en/petitions/{slug}/"
        process.get(path)
        with django_assert_num_queries(0):
            process.get(f"{path}?after={cursor_of(7)}&digest=1&tryout=1")


@pytest.mark.parametrize("name", sorted(SAME_FOR_ALL))
def test_the_pages_around_a_form_are_made_once_for_all_and_kept_by_no_cache(
    petition: Petition, django_assert_num_queries: Any, name: str
) -> None:
    shown = make_petition_with_news() if name == "news_by_mail" else petition
    path = "/en/confirm/" if name == "confirm_entry" else page_of(shown, name)
    process = Client()
    first = process.get(path)
    with django_assert_num_queries(0):
        again = process.get(path, headers={"cookie": "a=b", "user-agent": "another"})
    assert again.content == first.content
    assert again.headers["Cache-Control"] == "no-store"
    # What is sent is answered for itself.
    assert process.post(path, {"email": "nobody", "code": ""}).content != first.content
    assert process.get(path).content == first.content


def test_a_file_that_belongs_to_the_pages_is_not_sent_twice() -> None:
    path = f"{site_settings.STATIC_URL}favicon.svg"
    first = Client().get(path)
    assert first.status_code == 200
    b"".join(first)
    tag = first.headers["ETag"]
    again = Client().get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.headers["ETag"]) == (304, tag)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] != "no-store"
