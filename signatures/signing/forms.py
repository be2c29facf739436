"""The forms of signers; they clean, and write nothing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from signatures.models.choices import Visibility
from signatures.models.signature import CITY_LENGTH_MAX, NAME_LENGTH_MAX, REASON_LENGTH_MAX
from signatures.safeguarding.names import clean_text, is_name
from signatures.signing.address_questions import AskingForm
from signatures.signing.fields import (
    AddressField,
    CountryField,
    CountrySelect,
    ForgivingCharField,
    choice_field,
    country_choices,
)
from signatures.texts.petition_page import PetitionPage
from signatures.tokens import CODE_LENGTH, CODE_TYPED_MAX, canonical_code

PRESS_LENGTH_MAX = 100
# Pasted text may hold as many blanks and invisible characters for each that is stored.
TYPED_PER_STORED_MAX = 20
# Odd on purpose: nothing fills it in but a program that fills in everything.
HONEYPOT = "favourite_bird"
# The script folds such a field away, where there is one.
NOT_FOR_COUNTED = {"data-not-for": Visibility.COUNTED.value}


def cleaned(text: str, *, limit: int, too_long: Any) -> str:
    """Return a typed text as it is stored.

    :param limit: characters that may be left of it
    :param too_long: the message where more are left, with a place for the limit
    :raises ValidationError: if it is too long; what is far too long is not cleaned, which would take its time
    """
    stored = clean_text(text) if len(text) <= limit * TYPED_PER_STORED_MAX else text
    if len(stored) > limit:
        raise forms.ValidationError(too_long, code="max_length", params={"limit": limit})
    return stored


class SignForm(AskingForm):
    """What a visitor sends to sign."""

    visibility = forms.ChoiceField(
        label=_("Who may see your name?"),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose who may see your name."),
            "invalid_choice": _("Choose who may see your name."),
        },
    )
    name = ForgivingCharField(
        label=_("First and last name"),
        help_text=_("As you would sign on paper. Not needed if you chose “No one”."),
        required=False,
        widget=forms.TextInput(
            NOT_FOR_COUNTED | {"autocomplete": "name", "autocapitalize": "words", "spellcheck": "false"}
        ),
    )
    email_choice = choice_field()
    email = AddressField(_("Only to confirm. Never shown or handed over. Erased once our mail is sent."))
    country = CountryField(
        label=_("Country where you live"),
        choices=country_choices,
        widget=CountrySelect({"autocomplete": "country"}),
        error_messages={
            "required": _("Choose the country where you live."),
            "invalid_choice": _("Choose the country where you live."),
        },
    )
    city = ForgivingCharField(
        label=_("City"),
        help_text=_("If you like. Not stored if you chose “No one”."),
        required=False,
        widget=forms.TextInput(NOT_FOR_COUNTED | {"autocomplete": "address-level2"}),
    )
    consent = forms.BooleanField(
        error_messages={"required": _("Tick the box to give your consent.")}, template_name="forms/check.html"
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    favourite_bird = ForgivingCharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, asks_city: bool, is_checked: bool = True, **kwargs: Any) -> None:
        """Leave the city out where the petition does not ask for it.

        :param is_checked: False for a form that only shows again what was typed
        """
        super().__init__(*args, **kwargs)
        self.is_checked = is_checked
        if not asks_city:
            del self.fields["city"]

    def show_on(self, page: PetitionPage) -> None:
        """Offer the petition's countries before the others, and ask for consent in its own words."""
        self.fields["country"].choices = country_choices(page.petition.countries_first)  # type: ignore[attr-defined]
        # Checking the form has bound the field already, and with it the label of then.
        self["consent"].label = page.consent

    @property
    def errors(self) -> ErrorDict:
        """Return what is wrong, or nothing, unlooked at, where the form cannot be taken whatever stands in it."""
        return super().errors if self.is_checked else ErrorDict()

    def clean_name(self) -> str | None:
        """Return the cleaned name, or None for those who chose that no one sees it: it is not even kept in memory.

        Nobody is asked for a name who has not chosen yet.
        """
        if self.cleaned_data.get("visibility") in {None, Visibility.COUNTED}:
            return None
        too_long = _("The name is too long: %(limit)s characters at most.")
        name = cleaned(self.cleaned_data["name"], limit=NAME_LENGTH_MAX, too_long=too_long)
        if not is_name(name):
            raise forms.ValidationError(_("Enter your first and last name."), code="required")
        return name

    def clean_city(self) -> str | None:
        """Return the cleaned city, or None where there is none or none may be kept."""
        if self.cleaned_data.get("visibility") == Visibility.COUNTED:
            return None
        too_long = _("This is too long: %(limit)s characters at most.")
        return cleaned(self.cleaned_data["city"], limit=CITY_LENGTH_MAX, too_long=too_long) or None


class CodeForm(forms.Form):
    """A code as somebody typed it; whether it exists is not said here."""

    code = ForgivingCharField(
        label=_("Code from the mail"),
        help_text=_("16 letters and digits. Capital or small letters, blanks and hyphens make no difference."),
        max_length=CODE_TYPED_MAX,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Type the code from the mail: 16 letters and digits."),
            "max_length": _("There is no code in this. Type the code from the mail: 16 letters and digits."),
        },
    )

    def clean_code(self) -> str:
        """Return the code that was meant.

        :raises ValidationError: if it cannot be one, whichever were given out
        """
        typed = self.cleaned_data["code"]
        code = canonical_code(typed)
        if code is not None:
            return code
        amount = sum(character.isalnum() for character in typed)
        if 0 < amount <= CODE_LENGTH * 2 and amount != CODE_LENGTH:
            sentence = ngettext(
                "A code has 16 letters and digits, and here is %(amount)s. Look at the mail again.",
                "A code has 16 letters and digits, and here are %(amount)s. Look at the mail again.",
                amount,
            )
            raise forms.ValidationError(sentence, params={"amount": amount}, code="length")
        raise forms.ValidationError(self.fields["code"].error_messages["max_length"], code="invalid")


class ConfirmForm(forms.Form):
    """The last choices before a signature counts."""

    use_required_attribute = False

    visibility = forms.ChoiceField(label=_("Who may see your name?"), widget=forms.RadioSelect)
    reason = ForgivingCharField(
        label=_("Why do you sign?"),
        help_text=_(
            "If you like, in a few words. It is shown beside your name, and only after an organiser has read it."
        ),
        required=False,
        widget=forms.Textarea({"data-only-for": Visibility.PUBLIC.value, "rows": 4, "cols": False}),
    )
    # Another value on each page: by it a double press is told from somebody else's.
    press = ForgivingCharField(required=False, widget=forms.HiddenInput, max_length=PRESS_LENGTH_MAX)

    def __init__(self, *args: Any, chosen: Visibility, **kwargs: Any) -> None:
        """Offer what was chosen and everything lower; ask for a reason only those who sign for everyone to see."""
        super().__init__(*args, **kwargs)
        self.initial["visibility"] = chosen
        field = self.fields["visibility"]
        field.choices = [(choice.value, choice.label) for choice in chosen.up_to()]  # type: ignore[attr-defined]
        field.error_messages |= dict.fromkeys(["required", "invalid_choice"], _("Choose who may see your name."))
        if chosen != Visibility.PUBLIC:
            del self.fields["reason"]

    def clean_reason(self) -> str | None:
        """Return the cleaned reason, or None where there is none or nobody could read it."""
        if self.cleaned_data.get("visibility") != Visibility.PUBLIC:
            return None
        too_long = _("This is too long: %(limit)s characters at most.")
        return cleaned(self.cleaned_data["reason"], limit=REASON_LENGTH_MAX, too_long=too_long) or None


class AddressForm(AskingForm):
    """The address that a my-signature link is sent to."""

    email_choice = choice_field()
    email = AddressField(_("Enter the address you used. We will send a link to it, whether or not it has signed."))
