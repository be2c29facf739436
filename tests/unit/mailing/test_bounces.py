"""Only the large provider and the kind are read from a bounce, however hostile it is."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures.mailing import bounces
from signatures.mailing.bounce_child import MESSAGE_BYTES_MAX, found_in
from signatures.mailing.bounces import UNCLEAR, Bounce, ReaderMissingError, read_bounce
from signatures.models.choices import BounceKind
from signatures.safeguarding.addresses import LARGE_PROVIDERS
from signatures.safeguarding.providers import provider_of
from tests.support.bounce_messages import EXIM, HOSTILE, QMAIL, report
from tests.support.environment import property_examples

PATIENCE_SECONDS = 10
PERMANENT, TEMPORARY = BounceKind.PERMANENT, BounceKind.TEMPORARY


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (report("someone@gmail.com"), Bounce(PERMANENT, "gmail.com")),
        (report("Some.One+tag@GoogleMail.com"), Bounce(PERMANENT, "gmail.com")),
        (report("someone@ya.ru"), Bounce(PERMANENT, "yandex.ru")),
        (report("someone@mail.ru", action="delayed"), Bounce(TEMPORARY, "mail.ru")),
        (report("someone@yahoo.co.uk"), Bounce(PERMANENT, "yahoo.co.uk")),
        (report("me@my-own-name.by"), Bounce(PERMANENT)),
        (report("me@gmail.com.my-own-name.by"), Bounce(PERMANENT)),
        (report("me@my-own-name.by", action="delayed"), Bounce(TEMPORARY)),
        (EXIM, Bounce(PERMANENT, "web.de")),
        (QMAIL, Bounce(PERMANENT, "ukr.net")),
    ],
)
def test_a_bounce_is_kind_and_large_provider(message: bytes, expected: Bounce) -> None:
    assert read_bounce(message) == expected


def test_a_report_on_several_providers_is_attributed_to_none() -> None:
    several = report("a@gmail.com").replace(
        b"Diagnostic-Code", b"\r\nFinal-Recipient: rfc822; b@mail.ru\r\nAction: failed\r\nDiagnostic-Code"
    )
    assert read_bounce(several) == Bounce(PERMANENT)
    delayed_too = several.replace(b"Action: failed", b"Action: delayed", 1)
    assert read_bounce(delayed_too) == Bounce(PERMANENT, "mail.ru")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_unclear_and_neither_slow_nor_leaking(name: str) -> None:
    begin = time.monotonic()
    found = read_bounce(HOSTILE[name])
    assert time.monotonic() - begin < PATIENCE_SECONDS
    if name == "a report on nobody":
        assert found == Bounce(PERMANENT)
    else:
        assert found == UNCLEAR


def test_content_beyond_a_quarter_of_a_megabyte_is_not_read() -> None:
    message = report("someone@gmail.com")
    assert read_bounce(message + b"a" * 50_000_000) == Bounce(PERMANENT, "gmail.com")
    assert read_bounce(b"X-Long: " + b"a" * MESSAGE_BYTES_MAX + b"\r\n" + message) == UNCLEAR


def test_no_message_counts_as_read_if_the_reader_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for child in ([sys.executable, "-m", "signatures.no_such_module"], ["/no/such/program"]):
        monkeypatch.setattr(bounces, "CHILD", child)
        with pytest.raises(ReaderMissingError):
            read_bounce(report("someone@gmail.com"))


def test_output_of_the_reader_beyond_its_few_words_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    for said in ("PERMANENT me@example.org", "PERMANENT my-own-name.by", "REFUSED gmail.com", "a b c", ""):
        monkeypatch.setattr(bounces, "CHILD", [sys.executable, "-c", f"print({said!r})"])
        assert read_bounce(b"") == UNCLEAR


def test_the_reader_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_SECRETS", "a secret of the tests")
    says = "import os; print('PERMANENT' if any('SECRET' in name for name in os.environ) else 'TEMPORARY')"
    monkeypatch.setattr(bounces, "CHILD", [sys.executable, "-c", says])
    assert read_bounce(b"") == Bounce(TEMPORARY)


# Takes the place of the patterns, and returns like them once it is done.
GREEDY = """
import resource, sys, time, flufl.bounce
from signatures.mailing import bounce_child

def all_failures(message):
    {deed}
    return set(), {{b"someone@gmail.com"}}

flufl.bounce.all_failures = all_failures
bounce_child.main()
"""


@pytest.mark.parametrize(
    ("deed", "is_allowed"),
    [
        ("bytearray(64 << 20)", True),
        ("bytearray(600 << 20)", False),
        ("begin = time.process_time()\n    while time.process_time() < begin + 0.1: pass", True),
        ("begin = time.process_time()\n    while time.process_time() < begin + 2.5: pass", False),
        ("open({file!r}, 'wb', 0).write(b'x')", False),
        ("assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)", True),
    ],
)
def test_reading_a_message_is_limited_to_the_resources_that_a_report_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, deed: str, is_allowed: bool
) -> None:
    monkeypatch.setattr(
        bounces, "CHILD", [sys.executable, "-c", GREEDY.format(deed=deed.format(file=str(tmp_path / "x")))]
    )
    # Slowness for another reason is not tested here.
    monkeypatch.setattr(bounces, "READING_SECONDS_MAX", 60.0)
    assert read_bounce(b"") == (Bounce(PERMANENT, "gmail.com") if is_allowed else UNCLEAR)


@settings(max_examples=property_examples(300))
@given(
    st.one_of(
        st.binary(max_size=2000),
        st.text(max_size=200).map(lambda text: report(text.replace("{", ""))),
        st.tuples(st.emails(), st.sampled_from(["failed", "delayed", "relayed", "FAILED (x)"])).map(
            lambda pair: report(pair[0], action=pair[1])
        ),
    )
)
def test_no_message_is_read_as_anything_but_a_kind_and_a_large_provider(message: bytes) -> None:
    kind, provider = found_in(message)
    assert kind in BounceKind.values
    assert provider in {"", *LARGE_PROVIDERS}


@given(st.text(max_size=60))
def test_no_address_leads_to_a_domain_that_is_not_on_the_list(text: str) -> None:
    assert provider_of(text) in {"", *LARGE_PROVIDERS}
