"""The settings for listeners, host names, mail servers and the database."""

from __future__ import annotations

import pytest

from tests.support.production import reader


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("localhost:8000", "127.0.0.1:8000"),
        ("LOCALHOST:8000", "127.0.0.1:8000"),
        ("[::1]:8000", "[::1]:8000"),
        ("[0:0:0::0:1]:8000", "[::1]:8000"),
        ("[2001:DB8::A]:80", "[2001:db8::a]:80"),
        ("unix:/run/web.sock", "unix:/run/web.sock"),
        ("unix:///run/web.sock", "unix:/run/web.sock"),
    ],
)
@pytest.mark.parametrize("of_onion", [False, True])
def test_a_listener_is_normalised(value: str, expected: str, *, of_onion: bool) -> None:
    read = reader(BIND=value)
    assert read.listeners("BIND", default="", of_onion=of_onion) == [expected]
    assert read.problems == []


@pytest.mark.parametrize("value", ["0.0.0.0:8000", "[::]:8000", "petition.example.org:8000"])
def test_any_listener_is_accepted_but_onion_visitors_need_a_single_address(value: str) -> None:
    read = reader(BIND=value, ONION_LISTENERS=value)
    assert read.listeners("BIND", default="") == [value]
    assert read.problems == []
    assert read.listeners("ONION_LISTENERS", default="", of_onion=True) == []
    (problem,) = read.problems
    assert problem.startswith("ONION_LISTENERS takes addresses such as 127.0.0.1:8001")


@pytest.mark.parametrize(
    "value",
    [
        "127.0.0.1",
        "8000",
        ":8000",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:http",
        "999.1.1.1:8000",
        "127.1:8000",
        "::1:8000",
        "[::1]",
        "[127.0.0.1]:8000",
        "[::ffff:127.0.0.1]:8000",
        "[fe80::1%lo]:8000",
        "[localhost]:8000",
        "unix:run/web.sock",
        "unix://run/web.sock",
        "unix:/",
        "unix:@web",
        "fd://3",
        "http://127.0.0.1:8000",
        "a b:8000",
    ],
)
@pytest.mark.parametrize("of_onion", [False, True])
def test_an_invalid_listener_is_refused(value: str, *, of_onion: bool) -> None:
    read = reader(BIND=value)
    assert read.listeners("BIND", default="", of_onion=of_onion) == []
    (problem,) = read.problems
    assert problem.startswith("BIND takes addresses such as ")


@pytest.mark.parametrize(
    "value", ["*", "*.example.org", "a.example:80", "https://a.example", "a.example/", "a b", "[::1"]
)
def test_an_invalid_host_name_is_refused(value: str) -> None:
    read = reader(ALLOWED_HOSTS=f"www.example.org,{value}")
    read.hosts("ALLOWED_HOSTS")
    (problem,) = read.problems
    assert problem.startswith("ALLOWED_HOSTS takes host names such as www.example.org")


def test_host_names_are_accepted_unchanged() -> None:
    hosts = ["www.example.org", ".example.org", "127.0.0.1", "[::1]", "web_1", "xn--e1afmkfd.xn--p1ai"]
    read = reader(ALLOWED_HOSTS=", ".join(hosts))
    assert read.hosts("ALLOWED_HOSTS") == hosts
    assert read.problems == []


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("smtp://mail.example.org", True),
        ("smtp+ssl://user:word@[::1]:465", True),
        ("file:///var/mails", True),
        ("smtp://", False),
        ("smtp:mail.example.org", False),
        ("smtp+tls://user:word@:587", False),
        ("smtp+tls://anna@example.org:word@mail.example.org:587", False),
        ("smtp+tls://anna%40example.org:word@mail.example.org:587", True),
        ("smtp://mail.example.org:99999", False),
        ("file://mails", False),
        ("file:mails", False),
        ("file://host/mails", False),
        ("http://mail.example.org", False),
    ],
)
def test_mails_go_to_a_server_or_a_folder(value: str, *, is_taken: bool) -> None:
    read = reader(EMAIL_URL=value)
    read.mail_url("EMAIL_URL")
    assert (read.problems == []) == is_taken
    assert all(problem.startswith("EMAIL_URL") and "word" not in problem.partition(":")[0] for problem in read.problems)


@pytest.mark.parametrize(
    "value", ["postgres://", "postgres://u:word@host", "postgres://u:word@host/", "postgres://host/?a=b"]
)
def test_a_server_without_a_database_is_refused(value: str) -> None:
    read = reader(DATABASE_URL=value)
    assert read.database("DATABASE_URL") == {}
    (problem,) = read.problems
    assert problem.startswith("DATABASE_URL must be the address of a PostgreSQL")


def test_a_database_may_be_a_service_or_a_socket() -> None:
    for value in (
        "postgres://?service=petition",
        "postgres:///petition?host=/run/postgresql",
        "postgres://%2Frun/petition",
    ):
        read = reader(DATABASE_URL=value)
        assert read.database("DATABASE_URL")
        assert read.problems == [], value
