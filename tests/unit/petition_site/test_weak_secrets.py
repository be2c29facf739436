"""A start with a secret that anybody could guess is refused, and a random secret never is."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

import pytest

from petition_site.weak_secrets import weakness
from tests.support.production import PRODUCTION, manage, reader

GUESSED = [
    "changeme" * 4,
    "change-me-change-me-before-you-go-live",
    "django-insecure-8f!z0qk3m#x1v7w9r2t5y6u4i",
    "your-secret-key-goes-here-and-is-long-enough",
    "this is the example of the handbook, number 1",
    "s" * 32,
    "ab" * 20,
    "0123456789" * 4,
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "tests-secret-key-" + "k" * 40,
]
RANDOM: list[Callable[[], str]] = [
    lambda: secrets.token_hex(8),
    lambda: secrets.token_hex(16),
    lambda: secrets.token_urlsafe(12),
    lambda: secrets.token_urlsafe(48),
    lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
]


@pytest.mark.parametrize("value", GUESSED)
def test_what_somebody_typed_is_weak(value: str) -> None:
    assert weakness(value)


@pytest.mark.parametrize("make", RANDOM)
def test_what_was_made_at_random_never_is(make: Callable[[], str]) -> None:
    assert {weakness(make()) for _ in range(2_000)} == {""}


def test_many_different_words_are_taken_for_a_passphrase() -> None:
    assert weakness("correct horse battery staple under nine grey umbrellas") == ""


@pytest.mark.parametrize("decoded", [bytes(range(32)), bytes(32), b"k" * 32])
def test_a_key_is_looked_at_as_bytes_too(decoded: bytes) -> None:
    for name, read in (("ENCRYPTION_KEYS", "fernet_keys"), ("DELIVERY_SIGNING_KEY", "ed25519_key")):
        found = reader(**{name: base64.urlsafe_b64encode(decoded).decode()})
        getattr(found, read)(name)
        (problem,) = found.problems
        assert problem.startswith(f"{name} holds ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", GUESSED[0]),
        ("SECRET_KEY_FALLBACKS", f"{PRODUCTION['SECRET_KEY'][::-1]},{GUESSED[1]}"),
        ("EMAIL_KEY_SECRETS", f"1:{GUESSED[2]}"),
        ("METRICS_TOKEN", "metricsmetricsmetrics"),
    ],
)
def test_a_start_with_a_weak_secret_ends_with_a_hint_that_does_not_repeat_it(name: str, value: str) -> None:
    result = manage(PRODUCTION | {name: value}, "check")
    assert result.returncode == 1
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert sentence.startswith(f"  - {name} holds ")
    assert "make_secrets" in sentence
    assert value not in result.stderr
