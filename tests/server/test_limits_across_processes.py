"""The limits are exact: however many requests come at once, to however many processes, as many pass as may."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest

from signatures.safeguarding.networks import ONION
from tests.support.page_reading import field_value
from tests.support.server.bursts import fresh_networks, loopback_addresses, next_window, send_at
from tests.support.server.local_site import free_port
from tests.support.server.redis_server import redis_server
from tests.support.server.web_site import PETITION_PATH, Answer, WebSite, ask, signer, web_site

pytestmark = pytest.mark.xdist_group("servers")

ALLOWED = 30
MORE = 50
ONION_ALLOWED = 40
ONION_SECONDS = 10
METRICS_TOKEN = "a token of the tests"
LIMITS = {"FORM_RATES": f"{ALLOWED}/m,600/h", "METRICS_TOKEN": METRICS_TOKEN}


@dataclass(frozen=True)
class Visit:
    """One visitor's request.

    who: whom the limits should take the visitor for.
    source: the address that it comes from, any where it is empty.
    bind: the listener, the first one where it is empty.
    """

    who: str
    source: str = ""
    bind: str = ""
    headers: Sequence[tuple[str, str]] = ()


def ipv6_networks() -> Iterator[str]:
    """Yield networks as a provider gives them to its customers."""
    return (f"2001:db8:{a:x}:{b:x}::/64" for a in range(1, 100) for b in range(1, 100))


def ipv6_prefixes() -> Iterator[str]:
    """Yield prefixes of 56 bits, each in another of 48."""
    return (f"2001:db8:{number:x}:100::/56" for number in range(0x8000, 0x9000))


@pytest.fixture(scope="module")
def in_postgresql(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site without proxies that counts in PostgreSQL; it also listens for an onion service."""
    folder = tmp_path_factory.mktemp("limits")
    onion = [f"127.0.0.1:{free_port()}", f"unix:{folder}/onion.sock", f"[::1]:{free_port()}"]
    # As an operator may write them, too.
    written = ",".join(onion).replace("127.0.0.1", "localhost").replace("unix:", "unix://").replace("[::1]", "[0::1]")
    env = LIMITS | {"ONION_LISTENERS": written, "ONION_RATES": f"{ONION_ALLOWED}/{ONION_SECONDS}s"}
    with web_site(loaded_database, folder, env, onion) as site:
        yield site


@pytest.fixture(scope="module")
def in_redis(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site without proxies that counts in Redis."""
    folder = tmp_path_factory.mktemp("limits-redis")
    with redis_server(folder) as url, web_site(loaded_database, folder, LIMITS | {"REDIS_URL": url}) as site:
        yield site


@pytest.fixture(scope="module")
def behind_proxy(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site behind one proxy, which reaches it over IPv6 or a Unix socket."""
    folder = tmp_path_factory.mktemp("limits-proxy")
    binds = [f"[::1]:{free_port()}", f"unix:{folder}/web.sock"]
    with web_site(loaded_database, folder, LIMITS | {"TRUSTED_PROXIES": "1"}, binds) as site:
        yield site


@pytest.fixture(scope="module")
def behind_proxy_in_redis(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site behind one proxy that counts in Redis."""
    folder = tmp_path_factory.mktemp("limits-proxy-redis")
    env = LIMITS | {"TRUSTED_PROXIES": "1"}
    binds = [f"[::1]:{free_port()}"]
    with redis_server(folder) as url, web_site(loaded_database, folder, env | {"REDIS_URL": url}, binds) as site:
        yield site


def burst(site: WebSite, begins: float, visits: Sequence[Visit]) -> Counter[tuple[str, int]]:
    """Send a valid form for each visit, all at once, and return how often whom was answered with which status."""
    connections = [site.connect(visit.source, visit.bind) for visit in visits]

    def spread() -> bool:
        return len(site.connections_by_worker()) > 1

    def send(number: int, connection: HTTPConnection) -> Answer:
        return ask(connection, PETITION_PATH, signer(), visits[number].headers)

    answers = send_at(begins, connections, send, spread=spread)
    return Counter((visit.who, answer.status) for visit, answer in zip(visits, answers, strict=True))


def exactly(*who: str, allowed: int = ALLOWED, more: int = MORE) -> Counter[tuple[str, int]]:
    """Return what a burst must count: for each of those named, so many taken and so many not."""
    return Counter({(name, status): n for name in who for status, n in ((303, allowed), (429, more))})


def attempts(site: WebSite) -> int:
    """Return how many attempts are stored."""
    return int(site.query("SELECT count(*) FROM signatures_attempt")[0][0])


@pytest.mark.parametrize("counted", ["in_postgresql", "in_redis"])
def test_exactly_as_many_pass_as_are_allowed(request: pytest.FixtureRequest, counted: str) -> None:
    site: WebSite = request.getfixturevalue(counted)
    before = attempts(site)
    (address,), begins = fresh_networks(loopback_addresses())
    assert burst(site, begins, [Visit(address, address)] * (ALLOWED + MORE)) == exactly(address)
    assert attempts(site) - before == ALLOWED
    # Nobody else waits for it.
    assert site.post(PETITION_PATH, signer(), source=next(loopback_addresses())).status == 303


def test_two_addresses_of_one_machine_are_counted_apart(in_postgresql: WebSite) -> None:
    sources, begins = fresh_networks(loopback_addresses(), 2)
    visits = [Visit(source, source) for source in sources] * (ALLOWED + 10)
    assert burst(in_postgresql, begins, visits) == exactly(*sources, more=10)


@pytest.mark.parametrize("listener", [0, 1], ids=["over IPv6", "over a Unix socket"])
def test_an_ipv6_network_is_one_visitor_however_many_addresses_it_has(behind_proxy: WebSite, listener: int) -> None:
    bind = behind_proxy.binds[listener]
    networks, begins = fresh_networks(ipv6_networks(), 2)
    visits = [
        Visit(network, bind=bind, headers=[("X-Forwarded-For", network.replace("::/64", f":{number:x}:2:3:4"))])
        for number in range(ALLOWED + 25)
        for network in networks
    ]
    assert burst(behind_proxy, begins, visits) == exactly(*networks, more=25)


@pytest.mark.parametrize("site", ["behind_proxy", "behind_proxy_in_redis"])
def test_many_networks_of_one_provider_s_customer_have_four_visitors_share_together(
    request: pytest.FixtureRequest, site: str
) -> None:
    running: WebSite = request.getfixturevalue(site)
    (prefix,), begins = fresh_networks(ipv6_prefixes())
    part = prefix.removesuffix("00::/56")
    networks = [f"{part}{number:02x}" for number in range(10)]
    visits = [
        Visit(prefix, bind=running.binds[0], headers=[("X-Forwarded-For", f"{networks[number % 10]}::{number:x}")])
        for number in range(4 * ALLOWED + 20)
    ]
    assert burst(running, begins, visits) == exactly(prefix, allowed=4 * ALLOWED, more=20)


def test_all_onion_visitors_share_one_bucket_of_their_own(in_postgresql: WebSite) -> None:
    address = next(loopback_addresses())
    onion = [
        Visit(
            "onion", next(loopback_addresses()) if bind.startswith("127.") else "", bind, [("X-Forwarded-For", "::9")]
        )
        for bind in in_postgresql.binds
        for _ in range((ONION_ALLOWED + MORE) // 3)
    ]
    others = [Visit("other", address)] * 5
    counted = burst(in_postgresql, next_window(ONION, ONION_SECONDS), onion + others)
    assert counted == exactly("onion", allowed=ONION_ALLOWED) + Counter({("other", 303): 5})
    ready = in_postgresql.get("/-/ready", [("Authorization", f"Bearer {METRICS_TOKEN}")]).text
    assert "warnings" in ready
    assert "X-Forwarded-For" not in ready


@pytest.mark.parametrize("counted", ["in_postgresql", "in_redis"])
def test_all_kinds_of_forms_at_once_share_one_limit(request: pytest.FixtureRequest, counted: str) -> None:
    site: WebSite = request.getfixturevalue(counted)
    (address,), begins = fresh_networks(loopback_addresses())
    paths = ["/en/confirm/", PETITION_PATH + "my-signature/", PETITION_PATH, "/en/no-mail/-/"]
    connections = [site.connect(address) for _ in range(ALLOWED + 10)]
    form = {"code": "AAAA-AAAA-AAAA-AAAA", "email": "not an address"}
    answers = send_at(begins, connections, lambda number, connection: ask(connection, paths[number % 4], form))
    assert [answer.status for answer in answers].count(429) == 10
    assert site.post(PETITION_PATH, signer(), source=address).status == 429


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_of_the_limit_keeps_what_was_typed(in_postgresql: WebSite, language: str) -> None:
    path = PETITION_PATH.replace("/ru/", f"/{language}/")
    (address,), begins = fresh_networks(loopback_addresses())
    time.sleep(max(0.0, begins - time.time()))
    form = signer(visibility="PUBLIC", name="Алесь «О’Коннор» <b>Пушкін</b>", country="LT")
    with closing(in_postgresql.connect(address)) as connection:
        answers = [ask(connection, path, form) for _ in range(ALLOWED + 1)]
    assert [answer.status for answer in answers] == [303] * ALLOWED + [429]
    answer = answers[-1]
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'id="error-summary"' in answer.text
    for kept in (
        'value="Алесь «О’Коннор» &lt;b&gt;Пушкін&lt;/b&gt;"',
        f'value="{form["email"]}"',
    ):
        assert kept in answer.text
    assert field_value(answer.text, "version") == "1"
    assert re.search(r'<option\s+value="LT"\s+selected>', answer.text)
    assert re.search(r'value="PUBLIC"[^>]*checked', answer.text)
    assert re.search(r'name="consent"[^>]*checked', answer.text)
