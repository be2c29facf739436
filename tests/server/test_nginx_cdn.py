"""Behind a CDN: each visitor is counted apart, nobody by a header of their own making, and nobody comes around it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import pytest

from signatures.safeguarding.proxy_warnings import WARNINGS, ProxyFault
from tests.support.server.bursts import loopback_addresses
from tests.support.server.local_site import free_port
from tests.support.server.nginx_front import HOST, Front, nginx_before, running_nginx
from tests.support.server.web_site import WebSite, web_site

pytestmark = pytest.mark.xdist_group("servers")

LIMIT = 2
METRICS_TOKEN = "a token of the tests"
PATH = "/ru/confirm/"
FORM = {"code": "0000-0000-0000-0000"}
# Where the CDN comes from.
CDN = "127.0.0.9"
CDN_FILE = "petition-cdn.conf"
# As all of them do: to what a visitor wrote the visitor's address is added.
CDN_CONFIGURATION = """
daemon off; pid {folder}/cdn.pid; error_log {folder}/cdn.log; events {{}}
http {{
    access_log off;
    proxy_temp_path {folder}/cdn-proxy;
    client_body_temp_path {folder}/cdn-bodies;
    fastcgi_temp_path {folder}/cdn-fastcgi;
    uwsgi_temp_path {folder}/cdn-uwsgi;
    scgi_temp_path {folder}/cdn-scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass https://127.0.0.1:{origin};
            proxy_bind {source};
            proxy_ssl_server_name on;
            proxy_ssl_name {host};
            {certificate}
            proxy_set_header Host {host};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto {proto};
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def site(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site that trusts two proxies."""
    folder = tmp_path_factory.mktemp("cdn")
    env = {
        "SITE_ORIGIN": f"https://{HOST}",
        "ALLOWED_HOSTS": "testserver",
        "TRUSTED_PROXIES": "2",
        "FORM_RATES": f"{LIMIT}/d",
        "WEB_WORKERS": "1",
        "METRICS_TOKEN": METRICS_TOKEN,
    }
    with web_site(loaded_database, folder, env, [f"unix:{folder}/web.sock"]) as running:
        yield running


@pytest.fixture(scope="module")
def front(site: WebSite) -> Iterator[Front]:
    """Run nginx as it is set up behind a CDN."""
    with nginx_before(site, site.folder, "petition-behind-cdn.conf", {CDN_FILE: f"allow {CDN};"}) as running:
        yield running


@contextmanager
def cdn_before(front: Front, *, proto: str = "https", certificate: str = "") -> Iterator[int]:
    """Run a stand-in for a CDN before nginx and yield its port."""
    port = free_port()
    configuration = front.folder / "cdn.conf"
    configuration.write_text(
        CDN_CONFIGURATION.format(
            folder=front.folder,
            port=port,
            origin=front.port,
            source=CDN,
            host=HOST,
            proto=proto,
            certificate=certificate,
        ),
        encoding="utf-8",
    )
    with running_nginx(configuration, front.folder, port):
        yield port


def asked(port: int, path: str, source: str, form: dict[str, str] | None = None, forwarded: str = "") -> int:
    """Send a request to the CDN from an address and return the status."""
    headers = {"Host": HOST, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    if forwarded:
        headers |= {"X-Forwarded-For": forwarded, "X-Real-IP": forwarded, "Forwarded": f"for={forwarded}"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(source, 0))) as link:
        link.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
        return link.getresponse().status


def warnings_of(site: WebSite) -> set[str]:
    """Return what the site complains of in its proxies."""
    answer = site.get("/-/ready", [("Authorization", f"Bearer {METRICS_TOKEN}")])
    return set(json.loads(answer.text)["warnings"]) & set(WARNINGS.values())


def test_visitors_of_a_cdn_are_counted_apart_and_by_no_header_of_theirs(front: Front, site: WebSite) -> None:
    visitors = loopback_addresses()
    one, other = next(visitors), next(visitors)
    with cdn_before(front) as port:
        forged = [asked(port, PATH, one, FORM, forwarded) for forwarded in ("", "192.0.2.1", "192.0.2.2, 192.0.2.3")]
        assert forged == [303] * LIMIT + [429]
        assert [asked(port, PATH, other, FORM) for _ in range(LIMIT + 1)] == [303] * LIMIT + [429]
    assert warnings_of(site) == set()


def test_nobody_is_answered_who_comes_around_the_cdn(front: Front) -> None:
    for path in (PATH, "/", "/admin/login/", "/-/live", "/petition-errors/away.html"):
        with pytest.raises(http.client.RemoteDisconnected):
            front.ask(path, headers={"X-Forwarded-For": "192.0.2.1"})
    assert front.ask("/-/live", source=CDN).status == 200


def test_a_visitor_who_came_to_the_cdn_over_http_is_led_to_https(front: Front) -> None:
    with cdn_before(front, proto="http") as port:
        assert asked(port, "/ru/", next(loopback_addresses())) == 301
    with cdn_before(front) as port:
        assert asked(port, "/ru/", next(loopback_addresses())) == 200


def test_a_cdn_that_must_show_a_certificate_and_has_none_is_refused(site: WebSite) -> None:
    folder = site.folder
    rules = f"allow {CDN}; ssl_client_certificate {folder}/fullchain.pem; ssl_verify_client on;"
    shown = f"proxy_ssl_certificate {folder}/fullchain.pem; proxy_ssl_certificate_key {folder}/privkey.pem;"
    with nginx_before(site, folder, "petition-behind-cdn.conf", {CDN_FILE: rules}) as front:
        assert front.ask("/-/live", source=CDN).status == 400
        with cdn_before(front, certificate=shown) as port:
            assert asked(port, "/-/live", next(loopback_addresses())) == 200


def test_the_file_for_no_cdn_behind_one_shows_as_a_header_that_is_too_short(site: WebSite) -> None:
    site.query("DELETE FROM signatures_ratelimit")
    with nginx_before(site, site.folder) as front, cdn_before(front) as port:
        site.stop()
        site.start()
        front.open_socket()
        assert asked(port, PATH, next(loopback_addresses())) == 200
    assert warnings_of(site) == {WARNINGS[ProxyFault.SHORT]}
