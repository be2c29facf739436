"""Reading the configuration: every invalid value is reported, and nothing is guessed."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django_ratelimit.core import _split_rate
from hypothesis import given
from hypothesis import strategies as st

from tests.support.environment import FERNET_KEY
from tests.support.production import reader

SECRET = "Xk8vQz5TbR1mWc7JnLd9hGs3pYf6uEa4"
KEY = FERNET_KEY.format("k")


def test_a_missing_value_is_reported_with_what_to_set() -> None:
    read = reader()
    assert read.text("MAIL_SENDER", "set it to an address") == ""
    assert read.problems == ["MAIL_SENDER is not set: set it to an address."]


def test_blanks_alone_are_a_missing_value() -> None:
    read = reader(MAIL_SENDER=" \n")
    read.text("MAIL_SENDER", "set it")
    assert read.problems


def test_a_default_is_used_without_a_problem() -> None:
    read = reader()
    assert read.words("BIND", "", default="127.0.0.1:8000") == ["127.0.0.1:8000"]
    assert read.problems == []


def test_a_list_loses_its_blanks_and_empty_entries() -> None:
    assert reader(ALLOWED_HOSTS=" a.example , ,b.example,").words("ALLOWED_HOSTS", "") == ["a.example", "b.example"]


def test_a_value_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    read = reader(NETWORK_SECRET_FILE=str(file))
    assert read.secret("NETWORK_SECRET") == SECRET
    assert read.problems == []


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named_once(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    read = reader(NETWORK_SECRET_FILE=str(file))
    assert read.secret("NETWORK_SECRET") == ""
    assert read.problems == ["NETWORK_SECRET_FILE names a file that cannot be read as text."]


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("off", False), ("", False)]
)
def test_a_flag_understands_the_usual_words(value: str, *, expected: bool) -> None:
    read = reader(LOCAL_START=value)
    assert read.flag("LOCAL_START") is expected
    assert read.problems == []


def test_any_other_flag_is_refused() -> None:
    read = reader(LOCAL_START="maybe")
    read.flag("LOCAL_START")
    assert read.problems == ["LOCAL_START must be 1 or 0."]


@pytest.mark.parametrize("value", ["-1", "6", "1.5", "x", "٣", "1 2"])
def test_a_number_out_of_bounds_is_refused(value: str) -> None:
    read = reader(TRUSTED_PROXIES=value)
    assert read.number("TRUSTED_PROXIES", default=0, low=0, high=5) == 0
    assert read.problems == ["TRUSTED_PROXIES must be a whole number from 0 to 5."]


@pytest.mark.parametrize("value", ["0", "5"])
def test_a_number_at_its_bounds_is_accepted(value: str) -> None:
    read = reader(TRUSTED_PROXIES=value)
    assert read.number("TRUSTED_PROXIES", default=1, low=0, high=5) == int(value)
    assert read.problems == []


def test_a_short_secret_is_refused_without_being_repeated() -> None:
    read = reader(CODE_SECRETS=f"{SECRET},short-secret")
    read.secrets("CODE_SECRETS")
    (problem,) = read.problems
    assert "CODE_SECRETS" in problem
    assert "short-secret" not in problem


def test_a_single_secret_takes_no_list() -> None:
    read = reader(MAIL_KEY_SECRET=f"{SECRET},{SECRET}")
    read.secret("MAIL_KEY_SECRET")
    assert read.problems == ["MAIL_KEY_SECRET takes one secret, without commas."]


def test_versioned_secrets_keep_their_order() -> None:
    read = reader(EMAIL_KEY_SECRETS=f"7:{SECRET},3:{SECRET}:with:colons")
    assert read.versioned_secrets("EMAIL_KEY_SECRETS") == {7: SECRET, 3: f"{SECRET}:with:colons"}
    assert list(read.versioned_secrets("EMAIL_KEY_SECRETS")) == [7, 3]
    assert read.problems == []


@pytest.mark.parametrize(
    "value", [SECRET, f"0:{SECRET}", f"256:{SECRET}", f"x:{SECRET}", f"1:{SECRET},1:{SECRET}", "1:short", f"²:{SECRET}"]
)
def test_equal_versioned_secrets_are_refused(value: str) -> None:
    read = reader(EMAIL_KEY_SECRETS=value)
    read.versioned_secrets("EMAIL_KEY_SECRETS")
    (problem,) = read.problems
    assert problem.startswith("EMAIL_KEY_SECRETS")
    assert SECRET not in problem


@pytest.mark.parametrize("value", ["short", KEY[:-1], "ключ"])
def test_an_invalid_encryption_key_is_refused(value: str) -> None:
    read = reader(ENCRYPTION_KEYS=f"{KEY},{value}")
    read.fernet_keys("ENCRYPTION_KEYS")
    (problem,) = read.problems
    assert problem.startswith("ENCRYPTION_KEYS")
    assert KEY not in problem


@pytest.mark.parametrize("value", ["30", "30/", "0/m", "30/0m", "30/00m", "-1/m", "30/m;600/h", "30/w", "3 0/m", "٣/m"])
def test_a_limit_that_cannot_be_counted_is_refused(value: str) -> None:
    read = reader(FORM_RATES=value)
    read.rates("FORM_RATES", default="30/m")
    assert read.problems == ["FORM_RATES takes limits such as 30/m,600/h."]


@given(st.text("0123456789/smhd ", max_size=8))
def test_every_accepted_limit_can_be_counted(value: str) -> None:
    read = reader(FORM_RATES=value)
    rates = read.rates("FORM_RATES", default="30/m")
    if not read.problems:
        assert all(count > 0 and seconds > 0 for count, seconds in map(_split_rate, rates))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://petition.example.org", "https://petition.example.org"),
        ("https://petition.example.org/", "https://petition.example.org"),
        ("HTTPS://Petition.Example.org:8443", "https://petition.example.org:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_an_origin_is_scheme_and_host_as_browsers_send_them(value: str, expected: str) -> None:
    read = reader(SITE_ORIGIN=value)
    assert read.origin("SITE_ORIGIN") == expected
    assert read.problems == []


@pytest.mark.parametrize(
    "value",
    [
        "petition.example.org",
        "//petition.example.org",
        "ftp://petition.example.org",
        "https://",
        "https://petition.example.org/path",
        "https://petition.example.org?",
        "https://petition.example.org#x",
        "https://user:word@petition.example.org",
        "https://petition.example.org:port",
        "https://[::1",
        "https://peti tion.example.org",
        "https://a.example,https://b.example",
    ],
)
def test_anything_more_or_less_than_an_origin_is_refused(value: str) -> None:
    read = reader(SITE_ORIGIN=value)
    read.origin("SITE_ORIGIN")
    assert read.problems == ["SITE_ORIGIN must look like https://petition.example.org, without a path."]


def test_a_secret_that_serves_two_purposes_is_named_with_both() -> None:
    read = reader()
    read.keep_apart(
        {"A": [SECRET, KEY], "B": ["b" * 32], "C": [KEY.replace("=", "")], "D": ["short"], "E": ["short", ""]}
    )
    assert read.problems == ["C holds the same secret as A: make one of its own for each."]


def test_one_key_in_two_base64_alphabets_is_one_key() -> None:
    raw = b"\xfb\xff" * 16
    read = reader()
    read.keep_apart({"A": [base64.b64encode(raw).decode()], "B": [base64.urlsafe_b64encode(raw).decode()]})
    assert len(read.problems) == 1


@pytest.mark.parametrize(("value", "is_taken"), [("", True), (SECRET[:15], False), (SECRET[:16], True)])
def test_a_token_is_long_enough_or_unset(value: str, *, is_taken: bool) -> None:
    read = reader(METRICS_TOKEN=value)
    read.token("METRICS_TOKEN")
    assert (read.problems == []) == is_taken


@pytest.mark.parametrize("value", ["x", "sqlite:///x", "mysql://h/x", "postgres://u:p@h:port/x", "postgres://[x"])
def test_another_database_than_postgresql_is_refused_without_being_repeated(value: str) -> None:
    read = reader(DATABASE_URL=value)
    read.database("DATABASE_URL")
    (problem,) = read.problems
    assert problem.startswith("DATABASE_URL must be the address of a PostgreSQL")


def test_a_database_url_is_parsed() -> None:
    read = reader(DATABASE_URL="postgres://site:p%40ss@db.example.org:5433/petition")
    found = read.database("DATABASE_URL")
    assert read.problems == []
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("site", "p@ss", "db.example.org")
    assert (found["PORT"], found["NAME"]) == (5433, "petition")


def test_a_database_url_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgres://u:p@h/petition\n", encoding="utf-8")
    assert reader(DATABASE_URL_FILE=str(file)).database("DATABASE_URL")["NAME"] == "petition"


@pytest.mark.parametrize("value", ["mail.example.org", "smtps://h", "smtp://h:port", "smtp://[x"])
def test_a_url_of_another_scheme_is_refused(value: str) -> None:
    read = reader(EMAIL_URL=value)
    assert read.url("EMAIL_URL", "set it", {"smtp", "file"}) == ""
    assert read.problems == ["EMAIL_URL must be an address that begins with one of file://, smtp://."]


def test_all_problems_are_reported_at_once() -> None:
    read = reader(LOCAL_START="maybe")
    read.flag("LOCAL_START")
    read.text("MAIL_SENDER", "set it")
    with pytest.raises(ImproperlyConfigured) as caught:
        read.stop_on_problems()
    assert "LOCAL_START" in str(caught.value)
    assert "MAIL_SENDER" in str(caught.value)


def test_no_problem_does_not_stop_the_start() -> None:
    reader().stop_on_problems()


@pytest.mark.parametrize("seed", [hashlib.sha256(b"?").digest(), b"\xfb\xff" + hashlib.sha256(b"!").digest()[2:]])
def test_a_signing_key_may_be_written_in_either_alphabet_of_base64(seed: bytes) -> None:
    read = reader(A=base64.b64encode(seed).decode(), B=base64.urlsafe_b64encode(seed).decode())
    assert read.ed25519_key("A") == read.ed25519_key("B") == seed
    assert read.problems == []


@pytest.mark.parametrize("value", ["", "short", "ю" * 44, base64.b64encode(bytes(31)).decode(), "A" * 45, "*" * 44])
def test_an_invalid_signing_key_is_reported(value: str) -> None:
    read = reader(DELIVERY_SIGNING_KEY=value)
    assert read.ed25519_key("DELIVERY_SIGNING_KEY") == b""
    assert len(read.problems) == 1
    assert "DELIVERY_SIGNING_KEY" in read.problems[0]
