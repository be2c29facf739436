"""Which listener a visitor came in through."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from signatures.safeguarding.networks import ONION, client_network
from tests.unit.petition_site.production import reader

FORMS = ("127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "[0:0::0:1]:{port}", "unix:{path}", "unix://{path}")


@pytest.fixture(params=FORMS)
def onion(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Yield a listener as an operator may write it, and the site's end of a connection that came through it."""
    form: str = request.param
    path = tmp_path / "onion.sock"
    if form.startswith("unix:"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
    else:
        family, host = (socket.AF_INET6, "::1") if form.startswith("[") else (socket.AF_INET, "127.0.0.1")
        listener = socket.create_server((host, 0), family=family)
    with listener, closing(socket.socket(listener.family)) as visitor:
        visitor.connect(listener.getsockname())
        connection, _ = listener.accept()
        with connection:
            name = listener.getsockname()
            yield form.format(path=path, port=0 if isinstance(name, str) else name[1]), connection


def test_every_way_to_write_a_listener_is_recognised(onion: tuple[str, socket.socket], settings: Settings) -> None:
    written, connection = onion
    read = reader(ONION_LISTENERS=written)
    settings.ONION_LISTENERS = read.listeners("ONION_LISTENERS", default="", of_onion=True)
    assert read.problems == []
    request = RequestFactory().get("/en/")
    request.META["gunicorn.socket"] = connection
    assert client_network(request) == ONION
    settings.ONION_LISTENERS = ["127.0.0.1:1"]
    assert client_network(request) == "127.0.0.1"
