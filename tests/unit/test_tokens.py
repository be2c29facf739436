"""Codes and tokens: what can be read back, which deviations are accepted, and that garbage is rejected."""

from __future__ import annotations

import base64

import pytest
import time_machine
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signatures import tokens
from signatures.tokens import InvalidLinkError, MySignature

CODES = st.binary(min_size=10, max_size=10).map(
    lambda data: base64.b32encode(data).decode().translate(tokens.TO_CROCKFORD)
)
SUBJECTS = st.builds(
    MySignature,
    st.integers(min_value=1, max_value=2**63 - 1),
    st.lists(st.binary(min_size=33, max_size=33), min_size=1, max_size=4),
)
BLANKS = st.text(alphabet=" -\t\n\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}\N{HYPHEN}", max_size=3)
CONFUSED = {"0": "0Oo", "1": "1IiLl"}


def test_a_code_is_eighty_random_bits_in_groups_of_four() -> None:
    codes = {tokens.new_code() for _ in range(1000)}
    assert len(codes) == 1000
    for code in codes:
        assert len(code) == 19
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert set(code) <= set(tokens.CROCKFORD) | {"-"}
    # Every character occurs in every position.
    plain = [code.replace("-", "") for code in codes]
    assert all(len({code[place] for code in plain}) == 32 for place in range(16))


@given(CODES, st.data())
def test_every_forgiven_spelling_is_the_same_code(code: str, data: st.DataObject) -> None:
    typed = data.draw(BLANKS)
    for character in code:
        either = CONFUSED.get(character, character + character.lower())
        typed += data.draw(st.sampled_from(either)) + data.draw(BLANKS)
    assert tokens.canonical_code(typed) == code
    assert tokens.code_hashes(typed) == tokens.code_hashes(code)


CODE, TYPED_CODE = "A0C4EHGHJKMNPQR5", "A0C4-EHGH-JKMN-PQR5"
PASTED = [
    TYPED_CODE.replace("-", "–"),
    TYPED_CODE.replace("-", "—"),
    TYPED_CODE.replace("-", "\N{MINUS SIGN}"),
    TYPED_CODE.replace("-", "_"),
    TYPED_CODE.replace("-", "."),
    # Cyrillic, then Greek.
    "АОС4-ЕНGН-JКМN-РQR5",
    "аос4-енgн-jкмn-рqr5",
    "ΑΟC4-ΕΗGΗ-JΚΜΝ-ΡQR5",
    "ＡＯＣ４－ＥＨＧＨ－ＪＫＭＮ－ＰＱＲ５",
    "\N{MATHEMATICAL BOLD CAPITAL A}0C4-EHGH-JKMN-PQR5",
    "A٠C٤-EHGH-JKMN-PQR۵",
    f"«{TYPED_CODE}»",
    f"“{TYPED_CODE}”.",
    f"'{TYPED_CODE}',",
    f"({TYPED_CODE})!",
    f"*{TYPED_CODE}*",
    "A0C4\u200b-EH\u00adGH-JK\u2060MN\ufeff-PQR5\u202c",
    "A0C4-EH=\nGH-JKMN-PQR5",
    f"Код: {TYPED_CODE}.",
    f"— or type this code where you left off:\n\n{TYPED_CODE}\n\nBoth work for 7 days.",
    f"https://petition.example.org/ru/confirm/{TYPED_CODE}/",
    f"<https://petition.example.org/ru/confirm/{TYPED_CODE}/>",
    f"petition.example.org/ru/confirm/{TYPED_CODE}",
    f"HTTPS://PETITION.EXAMPLE.ORG/RU/CONFIRM/{TYPED_CODE}/",
    f"https://petition.example.org/ru/confirm/{CODE}/?utm_source=mail&amp;x=1",
    f"https://safe.example.com/?url=https%3A%2F%2Fpetition.example.org%2Fru%2Fconfirm%2F{TYPED_CODE}%2F&data=05%7C01%7C",
    f"https://away.example.com/?u=https%253A%252F%252Fpetition.example.org%252Fen%252Fconfirm%252F{TYPED_CODE}%252F",
]
# Words of four letters look like groups of a code, and may consist of its letters only.
LABELLED = [
    f"Code: {TYPED_CODE}",
    f"CODE: {TYPED_CODE}",
    f"my code {TYPED_CODE}",
    f"mail code {TYPED_CODE}",
    f"MAIL CODE {TYPED_CODE}",
    f"Code-{TYPED_CODE}",
    f"CODE-{TYPED_CODE}",
    f"Code:\n{TYPED_CODE}\nthis code also works here",
    f"This code {TYPED_CODE} also does what that link does",
    f"Code: {TYPED_CODE.replace('-', '–')}",
    f"Code: {TYPED_CODE.replace('-', '_')}",
    f"code {TYPED_CODE.lower()}",
    f"Code: {TYPED_CODE.replace('-', ' ')}",
    f"{TYPED_CODE.replace('-', ' ')} also does what that link does",
    f"Code: {CODE}",
    f"{TYPED_CODE} is my code: {TYPED_CODE}",
]
# Text that mail programs, or people who copy a link, leave after it.
BEHIND = [
    ")",
    ",",
    ">",
    "»",
    "!",
    ".",
    ";",
    "'",
    '"',
    "”",
    "]",
    "*",
    "…",
    "%20",
    "%3E",
    "%29",
    "%C2%BB",
    "&gt;",
    "&quot;",
]
BEHIND += ["%2520", "%253E", "\u200b", "\u00a0", "\n", ")/", ">/", ">.", "/", "/)", "/&gt;", "/%20", "=20"]


@pytest.mark.parametrize("typed", PASTED)
def test_a_code_is_read_in_any_pasted_form(typed: str) -> None:
    assert tokens.canonical_code(typed) == CODE


@pytest.mark.parametrize("typed", LABELLED)
def test_words_beside_a_code_are_not_mistaken_for_a_part_of_it(typed: str) -> None:
    assert tokens.canonical_code(typed) == CODE


@pytest.mark.parametrize("behind", BEHIND)
def test_text_after_a_link_makes_no_difference(behind: str) -> None:
    assert tokens.canonical_code(f"{TYPED_CODE}{behind}".replace("=20", "/=20")) == CODE
    subject = MySignature(1, [b"k" * 33])
    token = tokens.my_signature_token(subject)
    assert tokens.read_my_signature_token(f"{token}{behind}") == subject
    no_mail = tokens.no_mail_token(b"k" * 32)
    assert tokens.read_no_mail_token(f"{no_mail}{behind}") == b"k" * 32


@given(
    SUBJECTS, st.integers(min_value=1, max_value=60), st.sampled_from([" ", "\n", "\u200b", "\u00ad", "%20", "\r\n "])
)
def test_a_link_that_was_wrapped_into_lines_is_rejoined(subject: MySignature, place: int, broken: str) -> None:
    token = tokens.my_signature_token(subject)
    assert tokens.read_my_signature_token(token[:place] + broken + token[place:]) == subject


@given(SUBJECTS)
def test_a_link_whose_hyphens_a_word_processor_made_longer_is_the_same(subject: MySignature) -> None:
    token = tokens.my_signature_token(subject)
    assert tokens.read_my_signature_token(token.replace("--", "—").replace("-", "–")) == subject


def test_a_code_typed_in_the_wrong_keyboard_layout_is_the_same() -> None:
    typed = "".join(
        dict(zip("QWERTYPASDFGHJKLZXCVBNM", "йцукензфывапролдячсмить", strict=True)).get(c, c) for c in CODE
    )
    assert tokens.canonical_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", [f"{TYPED_CODE} {TYPED_CODE[::-1]}", TYPED_CODE[:-1], f"{TYPED_CODE}A", "x" * 100_000]
)
def test_ambiguous_text_is_no_code(typed: str) -> None:
    assert tokens.canonical_code(typed) is None


@given(CODES, CODES)
def test_two_codes_have_two_hashes(one: str, other: str) -> None:
    assert (tokens.code_hashes(one) == tokens.code_hashes(other)) == (one == other)
    assert len(tokens.code_hashes(one)[0]) == 32


@given(st.text())
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    code = tokens.canonical_code(text)
    assert code is None or (len(code) == 16 and set(code) <= set(tokens.CROCKFORD))
    # An invalid code is looked up, too, as one that nobody has.
    assert (tokens.code_hashes(text) == tokens.code_hashes("")) == (code is None)


def test_a_code_has_a_hash_under_every_secret_the_newest_first(settings: Settings) -> None:
    code = tokens.new_code()
    (old,) = tokens.code_hashes(code)
    settings.CODE_SECRETS = ["another secret", *settings.CODE_SECRETS]
    new, same = tokens.code_hashes(code)
    assert same == old != new


@given(SUBJECTS)
def test_a_my_signature_token_decodes_to_its_subject(subject: MySignature) -> None:
    token = tokens.my_signature_token(subject)
    assert tokens.read_my_signature_token(token) == subject
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert all(key.hex() not in token for key in subject.email_keys)
    assert tokens.my_signature_token(subject) != token


@given(st.binary(min_size=32, max_size=32))
def test_a_no_mail_token_decodes_to_its_key(mail_key: bytes) -> None:
    assert tokens.read_no_mail_token(tokens.no_mail_token(mail_key)) == mail_key


@given(st.one_of(st.text(), st.text(alphabet=tokens.CROCKFORD + "-_="), st.binary().map(lambda b: b.decode("latin-1"))))
def test_arbitrary_text_is_no_token(text: str) -> None:
    for read in (tokens.read_my_signature_token, tokens.read_no_mail_token):
        with pytest.raises(InvalidLinkError):
            read(text)


@given(SUBJECTS, st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_modified_token_is_no_token(subject: MySignature, place: int, character: str) -> None:
    token = tokens.my_signature_token(subject)
    place %= len(token) - 1  # the last character has bits that mean nothing
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(InvalidLinkError):
            tokens.read_my_signature_token(changed)


def test_a_token_for_one_purpose_is_invalid_for_the_other() -> None:
    subject = MySignature(1, [b"k" * 33])
    with pytest.raises(InvalidLinkError):
        tokens.read_no_mail_token(tokens.my_signature_token(subject))
    with pytest.raises(InvalidLinkError):
        tokens.read_my_signature_token(tokens.no_mail_token(b"k" * 32))


def test_my_signature_tokens_expire_and_no_mail_tokens_do_not() -> None:
    with time_machine.travel("2011-01-01T00:00Z"):
        subject = MySignature(1, [b"k" * 33])
        token, stop = tokens.my_signature_token(subject), tokens.no_mail_token(b"k" * 32)
    with time_machine.travel("2011-01-07T23:59Z"):
        assert tokens.read_my_signature_token(token) == subject
    with time_machine.travel("2011-01-08T00:01Z"), pytest.raises(InvalidLinkError):
        tokens.read_my_signature_token(token)
    with time_machine.travel("2021-01-01T00:00Z"):
        assert tokens.read_no_mail_token(stop) == b"k" * 32


def test_tokens_under_older_keys_work_until_the_key_is_removed(settings: Settings) -> None:
    subject = MySignature(1, [b"k" * 33])
    token, stop = tokens.my_signature_token(subject), tokens.no_mail_token(b"k" * 32)
    new = Fernet.generate_key().decode()
    settings.MY_SIGNATURE_KEYS = [new, *settings.MY_SIGNATURE_KEYS]
    settings.NO_MAIL_KEYS = [new, *settings.NO_MAIL_KEYS]
    assert tokens.read_my_signature_token(token) == subject
    assert tokens.read_no_mail_token(stop) == b"k" * 32
    settings.MY_SIGNATURE_KEYS = settings.NO_MAIL_KEYS = [new]
    for read, old in ((tokens.read_my_signature_token, token), (tokens.read_no_mail_token, stop)):
        with pytest.raises(InvalidLinkError):
            read(old)
