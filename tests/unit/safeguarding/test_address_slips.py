"""Which addresses are questioned as typing mistakes, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.safeguarding.addresses import LARGE_PROVIDERS, PROVIDERS, canonical_address
from signatures.safeguarding.domain_slips import differs_by_one
from signatures.safeguarding.typed_addresses import SUGGESTIONS_MAX, Doubt, read_address

ANNA = "anna@example.org"
LONG = "a" * 65
# The typed text, the address used if it is kept, and the suggestions.
ASKED = [
    ("anna@gmial.com", "anna@gmial.com", "anna@gmail.com"),
    ("anna@gmai.com", "anna@gmai.com", "anna@gmail.com"),
    ("anna@gmaill.com", "anna@gmaill.com", "anna@gmail.com"),
    ("anna@gmail.con", "anna@gmail.con", "anna@gmail.com"),
    ("anna@gmail.vom", "anna@gmail.vom", "anna@gmail.com"),
    ("anna@gmail.co", "anna@gmail.co", "anna@gmail.com"),
    ("anna@gmail.ru", "anna@gmail.ru", "anna@gmail.com"),
    ("anna@gmail.com.com", "anna@gmail.com.com", "anna@gmail.com"),
    ("anna@gmaul.con", "anna@gmaul.con", "anna@gmail.com"),
    ("anna@hotmial.com", "anna@hotmial.com", "anna@hotmail.com"),
    ("anna@yandx.by", "anna@yandx.by", "anna@yandex.by"),
    ("anna@mail.ry", "anna@mail.ry", "anna@mail.ru anna@mail.by"),
    ("anna@maill.ru", "anna@maill.ru", "anna@mail.ru"),
    ("anna@tut.bu", "anna@tut.bu", "anna@tut.by"),
    ("anna@www.gmail.com", "anna@www.gmail.com", "anna@gmail.com"),
    ("anna@mail.yandex.ru", "anna@mail.yandex.ru", "anna@yandex.ru"),
    ("www.anna@example.org", "www.anna@example.org", ANNA),
    ("anna@gmail.сom", "anna@gmail.xn--om-nmc", "anna@gmail.com"),
    ("anna@gmail.сом", "anna@gmail.xn--l1adi", "anna@gmail.com"),
    ("anna@Мail.ru", "anna@xn--ail-jed.ru", "anna@mail.ru"),
    ("anna@mail.ру", "anna@mail.xn--p1ag", "anna@mail.ru"),
    ("anna@яндекс.ру", "anna@xn--d1acpjx3f.xn--p1ag", "anna@yandex.ru"),
    ("anna@gmαil.com", "anna@xn--gmil-1ld.com", "anna@gmail.com"),
    ("аnna@example.org", "аnna@example.org", ANNA),
    ("сора@gmail.com", "сора@gmail.com", "copa@gmail.com"),
    ("o’neill@example.org", "o’neill@example.org", "o'neill@example.org"),
    ("o`neill@example.org", "o`neill@example.org", "o'neill@example.org"),
    ("anna–maria@example.org", "anna–maria@example.org", "anna-maria@example.org"),
    ("ａｎｎａ@example.org", "ａｎｎａ@example.org", ANNA),
    ("oﬃce@example.org", "oﬃce@example.org", "office@example.org"),
    ("ａｎｎａ＠ｇｍａｉｌ．ｃｏｍ", None, "anna@gmail.com"),
    ("anna@gmail", None, "anna@gmail.com"),
    ("anna@gmailcom", None, "anna@gmail.com"),
    ("anna@gmail,com", None, "anna@gmail.com"),
    ("anna,petrova@example.org", None, "anna.petrova@example.org"),
    ("anna@gmail. com", None, "anna@gmail.com"),
    ("anna@gmail com", None, "anna@gmail.com"),
    ("anna@gmail..com", None, "anna@gmail.com"),
    ("anna@.gmail.com", None, "anna@gmail.com"),
    ("anna..petrova@example.org", None, "anna.petrova@example.org"),
    ("anna.@example.org", None, ANNA),
    ("anna@@example.org", None, ANNA),
    ("anna@gmail@com", None, "anna@gmail.com"),
    ("anna@example.org@example.org", None, ANNA),
    (f"@{ANNA}", None, ANNA),
    (f"{ANNA}{ANNA}", None, ANNA),
    (f"{ANNA}, b@mail.ru", None, f"{ANNA} b@mail.ru"),
    (f"Anna {ANNA}", None, f"{ANNA} Annaanna@example.org"),
    (f"{ANNA} thank you", None, ANNA),
    ("anna(at)example.org", None, ANNA),
    ("anna [at] example [dot] org", None, ANNA),
    ("anna собака mail точка ru", None, "anna@mail.ru"),
    ("anna%40example.org", None, ANNA),
    ('anna"example.org', None, ANNA),
    ('фттф"пьфшдюсщь', None, "anna@gmail.com"),
    ("anna@-example.org", None, ANNA),
    # As browsers send the typed text.
    ("anna@gmail.xn--om-nmc", "anna@gmail.xn--om-nmc", "anna@gmail.com"),
    ("anna@xn--gmil-63d.com", "anna@xn--gmil-63d.com", "anna@gmail.com"),
    ("anna@xn--d1acpjx3f.xn--p1ag", "anna@xn--d1acpjx3f.xn--p1ag", "anna@yandex.ru"),
    ("anna@xn--d1acpjx3f.ru", "anna@xn--d1acpjx3f.ru", "anna@yandex.ru"),
    ("anna@XN--D1ACPJX3F.RU", "anna@xn--d1acpjx3f.ru", "anna@yandex.ru"),
    ("anna@ xn--gmil-63d.com", "anna@xn--gmil-63d.com", "anna@gmail.com"),
    ("mailto:anna%40xn--gmil-63d.com", "anna@xn--gmil-63d.com", "anna@gmail.com"),
    ("Anna <anna@xn--gmil-63d.com>", "anna@xn--gmil-63d.com", "anna@gmail.com"),
    # Keys next to the full stop, which may have been meant as one.
    ("hans:mueller@gmx.de", None, "hans.mueller@gmx.de mueller@gmx.de"),
    ("hans::m@gmx.de", None, "hans.m@gmx.de m@gmx.de"),
    ("my:anna@example.org", None, f"my.{ANNA} {ANNA}"),
    ("hans.e-mail:anna@example.org", None, f"hans.e-mail.{ANNA} {ANNA}"),
    ("hans.mailto:anna@example.org", None, f"hans.mailto.{ANNA} {ANNA}"),
    ("anna;petrova@example.org", None, "anna.petrova@example.org"),
    ("anna@gmail:com", None, "anna@gmail.com"),
    ("anna@gmail>com", None, "anna@gmail.com"),
    ("anna<b@example.org", None, "anna.b@example.org b@example.org"),
    (f"Anna <{ANNA}", None, ANNA),
    # It is ambiguous which is meant.
    (f"Anna <{ANNA}>, Bob <bob@mail.ru>", None, f"{ANNA} bob@mail.ru"),
    (f"{ANNA} <bob@mail.ru>", None, f"{ANNA} bob@mail.ru"),
    (f'"{ANNA}" <bob@mail.ru>', None, f"{ANNA} bob@mail.ru"),
    (f"{ANNA} mailto:bob@mail.ru", None, f"{ANNA} bob@mail.ru"),
    (f"mailto:{ANNA},bob@mail.ru", None, f"{ANNA} bob@mail.ru"),
    (f"{ANNA} (bob@mail.ru)", None, f"{ANNA} bob@mail.ru"),
    # Characters that may begin an address are not removed.
    (".anna@docomo.ne.jp", None, "anna@docomo.ne.jp"),
    ("–anna@example.org", "–anna@example.org", "-anna@example.org"),
    ("’t.hooft@example.org", "’t.hooft@example.org", "'t.hooft@example.org"),
]
# There is no suggestion, and still it is most likely no mailbox.
DOUBTFUL = [
    ("anna@example.newending", Doubt.ENDING),
    ("anna@example.xn--zfr164c", Doubt.ENDING),
    (f"{LONG}@example.org", Doubt.LENGTH),
    (f"{'ы' * 33}@example.org", Doubt.LENGTH),
    ("анна@gmail.com", Doubt.LETTERS),
    ("анна@googlemail.com", Doubt.LETTERS),
    ("подпиcь@почта.рф", Doubt.LETTERS),
]
# Rare but valid: no questions.
LEFT_ALONE = [
    ANNA,
    "ANNA@Example.ORG",
    "anna.petrova+news@gmail.com",
    "o'neill{x}@example.org",
    "подпись@почта.рф",
    "анна.smith@почта.рф",
    "田中@例え.jp",
    "a@bücher.example.com",
    "ñandú@example.org",
    "anna@example.co.uk",
    "anna@mail.example.com",
    "anna@university.museum",
    "anna@company.by",
    "anna@bsu.by",
    "anna@mai.ru",
    "anna@yandex.fr",
    "anna@hotmail.fr",
    "anna@example.example",
    "anna@пример.бел",
    f"{'a' * 64}@example.org",
    "anna@straße.de",
    "anna@xn--strae-oqa.de",
    "anna@xn--80a1acny.xn--p1ai",
]


@pytest.mark.parametrize(("typed", "kept", "suggested"), ASKED)
def test_a_slip_is_asked_about_and_may_be_kept_where_it_is_an_address(
    typed: str, kept: str | None, suggested: str
) -> None:
    reading = read_address(typed)
    assert (reading.address, " ".join(reading.suggestions)) == (kept, suggested)
    assert reading.doubt is (Doubt.NO_ADDRESS if kept is None else Doubt.SLIP)


@pytest.mark.parametrize(("typed", "doubt"), DOUBTFUL)
def test_what_is_hardly_an_address_is_asked_about_though_nothing_better_is_known(typed: str, doubt: Doubt) -> None:
    reading = read_address(typed)
    assert reading.address is not None
    assert (reading.doubt, reading.suggestions) == (doubt, ())


@pytest.mark.parametrize("typed", LEFT_ALONE)
def test_what_is_rare_and_right_is_not_asked_about(typed: str) -> None:
    reading = read_address(typed)
    assert reading.address is not None
    assert (reading.doubt, reading.suggestions) == (None, ())


@pytest.mark.parametrize("domain", sorted({*PROVIDERS, *LARGE_PROVIDERS}))
def test_no_provider_that_is_known_is_taken_for_a_slip_of_another(domain: str) -> None:
    assert read_address(f"anna@{domain}").doubt is None


ODD = st.sampled_from(
    [
        "xn--",
        "xn--om-nmc",
        "xn--gmil-63d",
        "&reg",
        *"@.,;:'\"<>()’–аоеА＠．ﬁ\u200b\u00ad\u0301 ",
        "mailto:",
        "gmail",
        "mail",
        ".com",
        ".ru",
        ".ру",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(st.one_of(ODD, st.text(max_size=3)), max_size=12).map("".join)))
def test_whatever_is_typed_each_suggestion_is_an_address_that_is_not_asked_about_again(typed: str) -> None:
    reading = read_address(typed)
    assert len(reading.suggestions) <= SUGGESTIONS_MAX
    assert len(set(reading.suggestions)) == len(reading.suggestions)
    assert reading.address not in reading.suggestions
    for suggestion in reading.suggestions:
        assert read_address(suggestion).doubt is None
        assert canonical_address(suggestion).count("@") == 1
    if reading.address is not None:
        # A kept address is parsed as itself, so that the button to keep it works.
        assert read_address(reading.address).address == reading.address


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("gmial", "gmail", True),
        ("gmal", "gmail", True),
        ("gmaill", "gmail", True),
        ("gnail", "gmail", True),
        ("gmail", "gmail", False),
        ("gmlia", "gmail", False),
        ("gm", "gmail", False),
        ("", "a", True),
    ],
)
def test_one_letter_is_one_letter(one: str, other: str, expected: bool) -> None:
    assert differs_by_one(one, other) is expected
