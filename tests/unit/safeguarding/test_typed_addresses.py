"""Addresses as people type and paste them: what is removed, and what may be part of an address."""

from __future__ import annotations

import pytest

from signatures.safeguarding.typed_addresses import TYPED_LENGTH_MAX, Doubt, read_address
from tests.support.processor_time import seconds_of

ANNA = "anna@example.org"
# The ratio of very short times depends only on the clock.
SECONDS_MIN = 0.02
# Of so many one is undisturbed.
REPETITIONS = 9
# Examples of what programs and keyboards put around an address, or into it.
TAKEN_OFF = [
    f"  {ANNA}\t",
    f"\N{NO-BREAK SPACE}{ANNA}\N{IDEOGRAPHIC SPACE}",
    f"\u200b{ANNA}\ufeff",
    f"\u202a{ANNA}\u202c",
    "an\u00adna@exam\u2060ple.o\u200brg",
    "anna\u200c@exam\u200dple.org",
    "anna\u2066@\u2069example.org\ufe0f",
    f"\U000e0041{ANNA}",
    "anna @ example.org",
    f"mailto:{ANNA}",
    f"MAILTO:{ANNA}?subject=Hello%20there",
    "mailto:anna%40example.org",
    f"mailto://{ANNA}",
    f"<{ANNA}>",
    f"Anna Petrova <{ANNA}>",
    f'"Petrova, Anna" <{ANNA}>;',
    f"Аня <mailto:{ANNA}>",
    f"{ANNA} <{ANNA}>",
    f"<{ANNA}",
    f"{ANNA} (Anna)",
    f"«{ANNA}»,",
    f"“{ANNA}”",
    f"'{ANNA}'",
    f"‘{ANNA}’",
    f"({ANNA})",
    f"[{ANNA}]",
    f"{ANNA}.",
    f"{ANNA},",
    f"{ANNA};",
    f"{ANNA}!?",
    f"{ANNA}…",
    f"{ANNA}/",
    f"{ANNA} 😊",
    f"- {ANNA}",
    f"• {ANNA}",
    f"E-mail: {ANNA}",
    f"почта:{ANNA}",
    f"https://{ANNA}/",
    f"&lt;{ANNA}&gt;",
    "anna&#64;example.org",
    "anna@EXAMPLE.org",
    "anna@ｅxample．org",
    "anna@example&#46;org",
    f"'{ANNA}' <{ANNA}>",
    f"{ANNA}<mailto:{ANNA}>",
    f"[{ANNA}](mailto:{ANNA})",
    f"Anna Petrova: {ANNA}",
    f"My e-mail:{ANNA}",
    f"Адрес электронной почты:{ANNA}",
    # A trailing quote, emoji and dash as encoded by a browser.
    "anna@example.xn--org-3ga",
    "anna@example.xn--org-yi33b",
    "anna@example.xn--org-8n0a",
]
# Every character of these is part of the address.
TAKEN_AS_THEY_ARE = [
    ("m&reg@example.org;", "m&reg@example.org"),
    ("m&copy@example.org", "m&copy@example.org"),
    ("/anna@example.org", "/anna@example.org"),
    ("mailto:/anna@example.org", "/anna@example.org"),
    ("mailto:anna%2Bnews@example.org", "anna+news@example.org"),
    ("'t.hooft@example.org", "'t.hooft@example.org"),
]


@pytest.mark.parametrize("typed", TAKEN_OFF)
def test_characters_that_no_address_contains_are_removed_silently(typed: str) -> None:
    reading = read_address(typed)
    assert (reading.address, reading.doubt, reading.suggestions) == (ANNA, None, ())


@pytest.mark.parametrize(("typed", "address"), TAKEN_AS_THEY_ARE)
def test_characters_that_an_address_may_contain_are_kept(typed: str, address: str) -> None:
    assert read_address(typed).address == address


def test_an_invalid_html_entity_is_not_partly_decoded() -> None:
    assert read_address("m&notit;@example.org").suggestions == ("m&notit@example.org",)


@pytest.mark.parametrize("mark", [":", "::", "<", ";", "&reg;", "&lt", "://", ">", "(", '"', "?", "|", "\\"])
@pytest.mark.parametrize("front", ["hans", "hans.m", "почта2", "e-mailer"])
def test_no_mark_between_words_silently_changes_the_mailbox(front: str, mark: str) -> None:
    reading = read_address(f"{front}{mark}anna@example.org")
    # The scheme of a link is followed by slashes, and has only ASCII letters.
    assert (reading.address == ANNA) is (mark == "://" and front == "hans")


@pytest.mark.parametrize("typed", ["", "anna", "@", "a@", "@example.org", "a@b@c", "a@example", "a@localhost", "<@>"])
def test_a_text_that_is_no_address_is_none(typed: str) -> None:
    reading = read_address(typed)
    assert (reading.address, reading.doubt, reading.suggestions) == (None, Doubt.NO_ADDRESS, ())


@pytest.mark.parametrize(
    "many",
    [
        "a@" * 500,
        "@" * 1000,
        "a." * 500,
        "a b " * 250,
        "<" * 1000,
        "٣" * 1000,
        "&#64;" * 200,
        "<@ " * 333,
        "< @" + "@" * 997,
        ": " * 500,
        "my " * 333,
        "xn--a" * 200,
        "@xn--" * 200,
        "mailto:" * 142,
    ],
)
def test_no_text_takes_long_to_read(many: str) -> None:
    short, long = (many[: TYPED_LENGTH_MAX // parts] for parts in (4, 1))
    assert read_address(long).address is None
    # Four times the text may take four times as long, or eight on a busy machine; quadratic time would take sixteen.
    of_long = seconds_of(lambda: read_address(long), REPETITIONS)
    assert of_long < SECONDS_MIN + 8 * seconds_of(lambda: read_address(short), REPETITIONS)
