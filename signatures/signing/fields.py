"""Form fields that are lenient with what people type."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from signatures.safeguarding.countries import country_names
from signatures.safeguarding.typed_addresses import TYPED_LENGTH_MAX
from signatures.safeguarding.typed_text import ForgivingCharField

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WRONG_ADDRESS = _("Check the address, for example name@example.org")


class CountryField(forms.ChoiceField):
    """A country by its code."""

    def valid_value(self, value: Any) -> bool:
        """Look the code up directly, since Django would iterate over all 250 choices."""
        return value in country_names("en")


def country_choices(first: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the countries in the active language, after an empty choice.

    :param first: codes of the countries to list first
    """
    names = country_names(get_language() or "en").items()
    return [("", "—"), *sorted(names, key=lambda country: country[0] not in first)]


class CountrySelect(forms.Select):
    """A list of countries whose template is one loop; Django's would include another template for each of 250."""

    template_name = "forms/country.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the template's context with the plain choices."""
        context = forms.Widget.get_context(self, name, value, attrs)
        context["widget"] |= {"countries": self.choices, "chosen": value}
        return context


class AddressField(ForgivingCharField):
    """The input for an e-mail address; the form validates it."""

    def __init__(self, hint: StrOrPromise) -> None:
        """Configure the widget for typing an address.

        :param hint: the help text that says what the address is for
        """
        attributes = {"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=_("E-mail"),
            help_text=hint,
            max_length=TYPED_LENGTH_MAX,
            widget=forms.EmailInput(attributes),
            error_messages={"required": WRONG_ADDRESS, "max_length": WRONG_ADDRESS},
        )
        self.template_name = "forms/email.html"


def choice_field() -> ForgivingCharField:
    """Return the hidden field whose value comes from the buttons below a question about an address."""
    return ForgivingCharField(label=_("The address that you chose"), max_length=TYPED_LENGTH_MAX, required=False)
