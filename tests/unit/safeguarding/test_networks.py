"""Which listener a visitor came through, and which networks an address belongs to, in any notation."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network
from pathlib import Path

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signatures.safeguarding.networks import ONION, ONION_SHARE, Network, client_network, client_networks, networks_of
from tests.support.production import reader

FORMS = ("127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "[0:0::0:1]:{port}", "unix:{path}", "unix://{path}")


@pytest.fixture(params=FORMS)
def onion(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Yield a listener as an operator may write it, and the server's end of a connection to it."""
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


@pytest.mark.parametrize(
    "address", ["fc00:dead:beef:4dad::AABB:CCDD", "fc00:dead:beef:4dad:0:0:aabb:ccdd", "::aabb:ccdd"]
)
def test_a_tor_circuit_is_identified_by_the_end_of_its_address(settings: Settings, address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
        settings.ONION_CIRCUITS = True
        request = RequestFactory().get("/en/", REMOTE_ADDR=address)
        request.META["gunicorn.socket"] = listener
        assert client_networks(request) == [Network("circuit:aabbccdd"), Network(ONION, ONION_SHARE)]


IPV4 = st.ip_addresses(v=4).filter(lambda address: int(address) & 0xFFFFFF)
IPV6 = st.ip_addresses(v=6, network="2a00::/12")


def as_6to4(address: IPv4Address, rest: int) -> str:
    """Return a 6to4 address of a host with this IPv4 address (RFC 3056)."""
    return str(IPv6Address((0x2002 << 112) | (int(address) << 80) | rest >> 48))


def as_teredo(address: IPv4Address, rest: int) -> str:
    """Return a Teredo address of a host behind this IPv4 address (RFC 4380)."""
    return str(IPv6Address((0x2001_0000 << 96) | ((rest >> 64) << 32) | (int(address) ^ 0xFFFF_FFFF)))


def behind(prefix: str) -> int:
    """Return a prefix as a number to which an IPv4 address can be added."""
    return int(IPv6Network(prefix).network_address)


@given(address=IPV4, rest=st.integers(0, 2**128 - 1), port=st.integers(1, 65535))
def test_every_encoding_of_an_ipv4_address_is_counted_as_that_address(
    address: IPv4Address, rest: int, port: int
) -> None:
    bare = [
        str(address),
        as_6to4(address, rest),
        as_teredo(address, rest),
        *(
            str(IPv6Address(behind(prefix) + int(address)))
            for prefix in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96", "64:ff9b:1:77:8::/96")
        ),
    ]
    for text in bare:
        bracketed = f"[{text}]" if ":" in text else text
        for written in (text, f"{bracketed}:{port}", f'"{bracketed}:{port}"', f" {bracketed} "):
            assert networks_of(written) == [Network(str(address))], written


@given(address=IPV6, port=st.integers(1, 65535))
def test_an_ipv6_address_is_counted_in_three_networks_of_growing_size(address: IPv6Address, port: int) -> None:
    networks = networks_of(str(address))
    prefixes = [ip_network(network.name) for network in networks]
    assert [prefix.prefixlen for prefix in prefixes] == [64, 56, 48]
    assert all(address in prefix for prefix in prefixes)
    assert [network.share for network in networks] == [1, 4, 16]
    for written in (f"[{address}]:{port}", f'"[{address}]"', f"[{address.exploded}]", f"{address}%eth0"):
        assert networks_of(written) == networks


@given(one=IPV6, other=IPV6)
def test_two_addresses_share_what_their_prefixes_share(one: IPv6Address, other: IPv6Address) -> None:
    shared = set(networks_of(str(one))) & set(networks_of(str(other)))
    assert len(shared) == sum(int(one) >> bits == int(other) >> bits for bits in (64, 72, 80))


@given(st.text('0123456789abcdef:.[]"% ,', max_size=50) | st.text(max_size=20))
def test_any_text_is_in_some_network(written: str) -> None:
    networks = networks_of(written)
    assert networks == [Network("unknown")] or all(ip_network(network.name) for network in networks)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "unknown",
        "_hidden",
        "1.2.3.4:",
        "1.2.3.4:x",
        "[::1",
        "::1]",
        "[::1]:port",
        '"::1',
        "1.2.3.4:123456",
        "1.2.3.4:5:6",
    ],
)
def test_an_unreadable_address_is_unknown(written: str) -> None:
    assert networks_of(written) == [Network("unknown")]


def test_a_shorter_local_nat64_prefix_embeds_addresses_farther_left() -> None:
    # RFC 6052, 2.2: with a prefix of 48 bits the last bits are zero.
    assert [network.name for network in networks_of("64:ff9b:1:c000:2:100::")] == [
        "64:ff9b:1:c000::/64",
        "64:ff9b:1:c000::/56",
        "64:ff9b:1::/48",
    ]
