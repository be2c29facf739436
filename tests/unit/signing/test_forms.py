"""The forms of signers: what they accept, clean and reject."""

from __future__ import annotations

import pytest
from django.utils import translation
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from signatures.models.choices import Visibility
from signatures.safeguarding.addresses import canonical_address
from signatures.signing.fields import country_choices
from signatures.signing.forms import AddressForm, CodeForm, ConfirmForm, SignForm

FILLED = {
    "visibility": "PUBLIC",
    "name": "Somebody",
    "email": "a@example.org",
    "country": "BY",
    "city": "",
    "consent": "on",
    "version": "1",
}


def cleaned_address(text: str) -> str | None:
    """Return the address as cleaned by the form, or None if the form rejects it."""
    form = AddressForm({"email": text})
    return form.cleaned_data["email"] if form.is_valid() else None


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        (" a@example.org ", "a@example.org"),
        ("A.B+c@Example.ORG", "A.B+c@example.org"),
        ("подпись@почта.рф", "подпись@xn--80a1acny.xn--p1ai"),
        ("a@bücher.example.com", "a@xn--bcher-kva.example.com"),
        ("o'neill{x}@example.org", "o'neill{x}@example.org"),
        ("<a@example.org>", "a@example.org"),
        ("Name <a@example.org>", "a@example.org"),
    ],
)
def test_international_addresses_are_accepted(typed: str, cleaned: str) -> None:
    assert cleaned_address(typed) == cleaned


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a",
        "a@",
        "@example.org",
        "a@example",
        "a b@example.org",
        "a@b@example.org",
        "a@example.org, b@example.org",
        "a@example.org\nBcc: b@example.org",
        '"a b"@example.org',
        "a@[192.0.2.1]",
        "a@localhost",
        "a@-example.org",
        "a..b@example.org",
        "a@xn--999999999.org",
    ],
)
def test_anything_but_a_single_address_is_refused(typed: str) -> None:
    assert cleaned_address(typed) is None


@pytest.mark.parametrize(
    "typed", ["=?utf-8?q?victim=40a.org=2C?=@example.org", "=?utf-8?b?dmljdGlt?=@example.org", "x=?y@example.org"]
)
def test_an_address_that_mail_programs_would_read_as_another_one_is_refused(typed: str) -> None:
    assert validate_email(typed, check_deliverability=False)
    assert cleaned_address(typed) is None


@given(
    st.one_of(st.text(max_size=60), st.emails(), st.tuples(st.text(max_size=20), st.text(max_size=20)).map("@".join))
)
@example("\ud800@example.org")
@example("a@\ud800.org")
@example("a@" + "x" * 64 + ".org")
def test_no_address_breaks_the_form_and_accepted_ones_can_be_mailed_and_counted(text: str) -> None:
    address = cleaned_address(text)
    if address is None:
        return
    assert address.count("@") == 1
    assert address.rpartition("@")[2].isascii()
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        pytest.fail(str(error))
    assert canonical_address(canonical_address(address)) == canonical_address(address)


def test_only_the_required_fields_are_required() -> None:
    assert SignForm(FILLED, asks_city=True).is_valid()
    for field in ("visibility", "name", "email", "country", "consent"):
        form = SignForm({**FILLED, field: ""}, asks_city=True)
        assert not form.is_valid()
        assert set(form.errors) == {field}


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_signer_who_is_only_counted_leaves_no_name_or_city(visibility: Visibility) -> None:
    form = SignForm({**FILLED, "visibility": visibility.value, "city": "Minsk"}, asks_city=True)
    assert form.is_valid()
    kept = (None, None) if visibility == Visibility.COUNTED else ("Somebody", "Minsk")
    assert (form.cleaned_data["name"], form.cleaned_data["city"]) == kept


def test_there_is_no_city_field_unless_the_petition_asks() -> None:
    form = SignForm({**FILLED, "city": "Minsk"}, asks_city=False)
    assert form.is_valid()
    assert "city" not in form.cleaned_data


def test_a_city_that_is_too_long_is_an_error_and_not_cut() -> None:
    form = SignForm({**FILLED, "city": "ы" * 121}, asks_city=True)
    assert form.errors == {"city": ["This is too long: 120 characters at most."]}
    assert SignForm({**FILLED, "city": "ы" * 120}, asks_city=True).is_valid()
    assert SignForm({**FILLED, "city": "ы" * 121, "visibility": "COUNTED"}, asks_city=True).is_valid()


@given(st.fixed_dictionaries({name: st.text(max_size=20) for name in FILLED}))
def test_no_text_breaks_the_sign_form(data: dict[str, str]) -> None:
    form = SignForm(data, asks_city=True)
    assert form.is_valid() == (not form.errors)
    assert str(form["email"])


@given(st.text(max_size=20), st.text(max_size=600), st.sampled_from(list(Visibility)))
def test_no_text_breaks_the_confirm_form(visibility: str, reason: str, chosen: Visibility) -> None:
    form = ConfirmForm({"visibility": visibility, "reason": reason}, chosen=chosen)
    if form.is_valid():
        assert Visibility(form.cleaned_data["visibility"]).reach <= chosen.reach


@given(st.one_of(st.text(max_size=120), st.text(min_size=1990, max_size=2010)))
def test_no_text_breaks_the_code_form(text: str) -> None:
    form = CodeForm({"code": text})
    assert not form.is_valid() or 0 < len(text.replace("\0", "").strip()) <= 2000
    assert form.is_valid() == (not form.errors)


@pytest.mark.parametrize(("language", "first", "last"), [("en", "Belarus", "Zimbabwe"), ("ru", "Беларусь", "Япония")])
def test_countries_are_named_and_sorted_in_the_active_language(language: str, first: str, last: str) -> None:
    with translation.override(language):
        choices = country_choices(["DE", "BY"])
    assert choices[0] == ("", "—")
    assert [code for code, _ in choices[1:3]] == ["BY", "DE"]
    assert choices[1][1] == first
    assert choices[-3][1] == last
    assert [code for code, _ in choices[-2:]] == ["XS", "ZZ"]
    assert len(choices) == len({code for code, _ in choices}) > 240


def test_what_is_dropped_for_no_one_is_folded_away_by_the_script() -> None:
    form = SignForm(FILLED | {"visibility": "COUNTED", "city": "Minsk"}, asks_city=True)
    assert form.is_valid()
    dropped = {name for name in form.fields if form.data.get(name) and form.cleaned_data[name] is None}
    assert dropped == {"name", "city"}
    folded = {name for name, field in form.fields.items() if field.widget.attrs.get("data-not-for") == "COUNTED"}
    assert folded == dropped
