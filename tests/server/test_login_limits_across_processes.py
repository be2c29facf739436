"""The limit of an account is exact: however many guess at once, from wherever, as many are looked at as may be."""

from __future__ import annotations

import re
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.server.bursts import loopback_addresses, send_at
from tests.support.server.redis_server import redis_server
from tests.support.server.web_site import Answer, WebSite, ask, web_site

pytestmark = pytest.mark.xdist_group("servers")

ALLOWED = 5
MORE = 12
LOGIN = "/admin/login/"
LIMITS = {"LOGIN_ACCOUNT_RATES": f"{ALLOWED}/d", "LOGIN_RATES": "1000/m"}


def burst(site: WebSite, name: str) -> Counter[int]:
    """Guess at an account from many networks at once, and return how often which status came."""
    page = site.get(LOGIN)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', page.text)
    assert token
    form = {"username": name, "password": "wrong", "csrfmiddlewaretoken": token[1]}
    cookie = ("Cookie", page.headers["Set-Cookie"].split(";")[0])
    addresses = loopback_addresses()
    connections = [site.connect(next(addresses)) for _ in range(ALLOWED + MORE)]

    def send(_: int, connection: HTTPConnection) -> Answer:
        return ask(connection, LOGIN, form, [cookie])

    return Counter(answer.status for answer in send_at(time.time(), connections, send))


@pytest.mark.parametrize("where", ["PostgreSQL", "Redis"])
def test_exactly_as_many_guesses_at_an_account_are_looked_at(loaded_database: str, tmp_path: Path, where: str) -> None:
    if where == "PostgreSQL":
        with web_site(loaded_database, tmp_path, LIMITS) as site:
            assert burst(site, "organiser") == {200: ALLOWED, 429: MORE}
        return
    with redis_server(tmp_path) as url, web_site(loaded_database, tmp_path, LIMITS | {"REDIS_URL": url}) as site:
        assert burst(site, "nobody") == {200: ALLOWED, 429: MORE}
