"""Whom the limits take a visitor for: whatever is written into X-Forwarded-For, nobody gets a second share by it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from signatures.safeguarding.proxy_warnings import WARNINGS, ProxyFault
from tests.support.server.bursts import loopback_addresses
from tests.support.server.web_site import HOST, WebSite, web_site

pytestmark = pytest.mark.xdist_group("servers")

# Not by the minute: no window may begin between the requests of a test.
METRICS_TOKEN = "a token of the tests"
LIMITS = {"FORM_RATES": "2/d", "WEB_WORKERS": "2", "METRICS_TOKEN": METRICS_TOKEN}
PATH = "/ru/confirm/"
OTHER_HEADERS = ["X_Forwarded_For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP", "CF-Connecting-IP"]
LONG = ", ".join(["192.0.2.1"] * 700)
Headers = Sequence[tuple[str, str]]


@pytest.fixture(scope="module", params=[0, 1, 2], ids=["no proxy", "one proxy", "two proxies"])
def site(
    request: pytest.FixtureRequest, loaded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebSite]:
    """Run a site that trusts so many proxies."""
    env = LIMITS | {"TRUSTED_PROXIES": str(request.param)}
    with web_site(loaded_database, tmp_path_factory.mktemp("forwarding"), env) as running:
        yield running


def trusted(site: WebSite) -> int:
    """Return how many proxies a site trusts."""
    return int(site.env["TRUSTED_PROXIES"])


def send(site: WebSite, source: str, headers: Headers = ()) -> int:
    """Send a form from an address and return the status: 303 within the limit, 429 beyond it."""
    return site.post(PATH, {"code": "0000-0000-0000-0000"}, headers, source=source).status


def forwarded(*lines: str) -> Headers:
    """Return header lines, in this order."""
    return [("X-Forwarded-For", line) for line in lines]


def share_a_limit(site: WebSite, visits: Sequence[tuple[str, Headers]]) -> bool:
    """Return whether three visits count as one visitor's; they must do so or not at all."""
    assert len(visits) == 3
    statuses = [send(site, source, headers) for source, headers in visits]
    assert statuses in ([303, 303, 429], [303, 303, 303])
    return statuses[-1] == 429


def test_forged_entries_give_no_second_share(site: WebSite) -> None:
    source, client = next(loopback_addresses()), f"198.18.{trusted(site)}.1"
    behind = [client, "10.0.0.1"][: trusted(site)]
    visits = [
        (source, forwarded(", ".join([*forged, *behind]))) for forged in ([], ["192.0.2.1"], ["192.0.2.2", "::1"])
    ]
    assert share_a_limit(site, visits)


def test_a_doubled_header_gives_no_second_share(site: WebSite) -> None:
    source, client = next(loopback_addresses()), f"198.18.{trusted(site)}.2"
    behind = [client, "10.0.0.1"][: trusted(site)]
    visits = [(source, forwarded(f"192.0.2.{number}", f"192.0.2.{number + 9}", *behind)) for number in range(3)]
    assert share_a_limit(site, visits)


def test_a_very_long_header_gives_no_second_share(site: WebSite) -> None:
    source, client = next(loopback_addresses()), f"198.18.{trusted(site)}.3"
    behind = [client, "10.0.0.1"][: trusted(site)]
    visits = [(source, forwarded(", ".join([*([LONG] * times), *behind]))) for times in (0, 1, 1)]
    assert share_a_limit(site, visits)


def test_a_header_longer_than_any_is_refused_without_an_error(site: WebSite) -> None:
    answer = site.get("/en/", forwarded("9" * 20_000))
    assert 400 <= answer.status < 500
    assert "Traceback" not in site.log


@pytest.mark.parametrize("name", OTHER_HEADERS)
def test_no_other_header_gives_a_second_share(site: WebSite, name: str) -> None:
    source = next(loopback_addresses())
    behind = forwarded(*[f"198.18.{trusted(site)}.{100 + OTHER_HEADERS.index(name)}", "10.0.0.1"][: trusted(site)])
    visits = [
        (source, [*behind, (name, f"{'for=' if name == 'Forwarded' else ''}192.0.2.{number}")]) for number in range(3)
    ]
    assert share_a_limit(site, visits)


def test_two_visitors_of_the_proxies_do_not_share(site: WebSite) -> None:
    source = next(loopback_addresses())
    visits = [
        (source, forwarded(", ".join([f"198.18.{trusted(site)}.{number}", "10.0.0.1"][: max(trusted(site), 1)])))
        for number in (10, 11, 12)
    ]
    # Without a trusted proxy the header is anybody's word.
    assert share_a_limit(site, visits) is (trusted(site) == 0)


def test_too_few_entries_count_as_the_neighbour(site: WebSite) -> None:
    too_few = forwarded(", ".join(["192.0.2.7"] * (trusted(site) - 1))) if trusted(site) > 1 else ()
    one, other = next(loopback_addresses()), next(loopback_addresses())
    assert share_a_limit(site, [(one, too_few)] * 3)
    assert send(site, other, too_few) == 303


@pytest.mark.parametrize(
    "malformed",
    ["", "unknown", "_hidden", "999.1.1.1", "1.2.3", "::ffff:zz", "a" * 3000, "[::1", "1.2.3.4 5.6.7.8", "é"],
)
def test_malformed_entries_are_slowed_together_and_break_nothing(site: WebSite, malformed: str) -> None:
    source = next(loopback_addresses())
    line = ", ".join([malformed, "10.0.0.1"][: max(trusted(site), 1)])
    statuses = {send(site, source, forwarded(line)) for _ in range(3)}
    assert statuses <= {303, 429}
    assert 429 in statuses
    assert "Traceback" not in site.log


@pytest.mark.parametrize("site", [1], indirect=True, ids=["one proxy"])
@pytest.mark.parametrize(
    "written", ["198.18.7.{}:4{}", "[2001:db8:7:{}::1]:4{}", '"[2001:db8:8:{}::1]"', "[::ffff:198.18.8.{}]:{}"]
)
def test_a_port_that_the_proxy_writes_makes_nobody_another_visitor_or_all_of_them_one(
    site: WebSite, written: str
) -> None:
    source = next(loopback_addresses())
    assert share_a_limit(site, [(source, forwarded(written.format(1, 100 + number))) for number in range(3)])
    assert send(site, source, forwarded(written.format(2, 100))) == 303


@pytest.mark.parametrize("site", [1], indirect=True, ids=["one proxy"])
def test_a_proxy_that_writes_what_cannot_be_read_shows_in_every_process(site: WebSite) -> None:
    site.query("DELETE FROM signatures_ratelimit")
    site.stop()
    site.start()
    for header in (forwarded("unknown"), ()):
        assert site.get("/ru/", header).status == 200
    seen = {WARNINGS[ProxyFault.SHORT], WARNINGS[ProxyFault.UNREADABLE]}
    for _ in range(20):
        status, warnings = readiness(site)
        assert status == 200
        assert set(warnings) & set(WARNINGS.values()) == seen


@pytest.mark.parametrize("site", [0], indirect=True, ids=["no proxy"])
def test_an_unknown_proxy_shows_in_every_process_and_once_in_the_log(site: WebSite) -> None:
    warning = WARNINGS[ProxyFault.UNKNOWN]
    site.query("DELETE FROM signatures_ratelimit")
    site.stop()
    logged = site.log.count(warning)
    site.start()
    assert warning not in readiness(site)[1]
    for _ in range(20):
        assert site.get("/ru/", forwarded("198.51.100.77"), source="127.99.88.77").status == 200
    # Each connection may be taken by another process.
    for _ in range(20):
        status, warnings = readiness(site)
        assert status == 200
        assert warning in warnings
    assert site.log.count(warning) == logged + 1
    assert "198.51.100" not in site.log
    assert "127.99" not in site.log


def test_a_proxy_that_does_not_say_https_shows_in_every_process_and_once_in_the_log(
    loaded_database: str, tmp_path: Path
) -> None:
    env = LIMITS | {"TRUSTED_PROXIES": "1", "SITE_ORIGIN": f"https://{HOST}"}
    client = ("X-Forwarded-For", "198.51.100.77")
    with web_site(loaded_database, tmp_path, env) as site:
        assert set(readiness(site)[1]).isdisjoint(WARNINGS.values())
        for _ in range(20):
            answer = site.get("/ru/", [client])
            assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/ru/")
        for _ in range(20):
            status, warnings = readiness(site)
            assert status == 200
            assert set(warnings) & set(WARNINGS.values()) == {WARNINGS[ProxyFault.UNSAID]}
        assert site.log.count(WARNINGS[ProxyFault.UNSAID]) == 1
        assert "198.51.100" not in site.log
        assert site.get("/ru/", [client, ("X-Forwarded-Proto", "https")]).status == 200


def readiness(site: WebSite) -> tuple[int, list[str]]:
    """Return the status of the readiness page and its warnings, from whichever process answers."""
    answer = site.get("/-/ready", [("Authorization", f"Bearer {METRICS_TOKEN}")])
    return answer.status, json.loads(answer.text)["warnings"]
