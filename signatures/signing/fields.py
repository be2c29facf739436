"""Fields that take what people type."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from signatures.safeguarding.countries import country_names
from signatures.safeguarding.typed_addresses import TYPED_LENGTH_MAX

NULL = "\0"
WRONG_ADDRESS = _("Check the address, for example name@example.org")


class CountryField(forms.ChoiceField):
    """A country by its code."""

    def valid_value(self, value: Any) -> bool:
        """Look the code up, where Django would walk through all 250 choices."""
        return value in country_names("en")


def country_choices(first: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the countries in the language in use, after an empty choice.

    :param first: codes of those that stand before the others
    """
    names = country_names(get_language() or "en").items()
    return [("", "—"), *sorted(names, key=lambda country: country[0] not in first)]


class ForgivingCharField(forms.CharField):
    """A text field that drops NUL instead of refusing it; the database could not store it."""

    def to_python(self, value: Any) -> Any:
        """Return the text without NUL."""
        return super().to_python(value.replace(NULL, "") if isinstance(value, str) else value)


def address_field() -> ForgivingCharField:
    """Return the field that an address is typed into, which the form reads."""
    return ForgivingCharField(
        label=_("E-mail"),
        max_length=TYPED_LENGTH_MAX,
        error_messages={"required": WRONG_ADDRESS, "max_length": WRONG_ADDRESS},
    )


def choice_field() -> ForgivingCharField:
    """Return the field of the buttons that answer a question about an address."""
    return ForgivingCharField(label=_("The address that you chose"), max_length=TYPED_LENGTH_MAX, required=False)
