"""The forms of signers; they only clean input."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from signatures.models.choices import Visibility
from signatures.models.signature import CITY_LENGTH_MAX, REASON_LENGTH_MAX
from signatures.safeguarding.typed_text import ForgivingCharField, cleaned, cleaned_name
from signatures.signing.address_questions import AskingForm
from signatures.signing.fields import (
    AddressField,
    CountryField,
    CountrySelect,
    choice_field,
    country_choices,
)
from signatures.texts.petition_page import PetitionPage
from signatures.tokens import CODE_LENGTH, CODE_TYPED_MAX, canonical_code

PRESS_LENGTH_MAX = 100
# Odd on purpose: only a bot that fills in every field would fill it in.
HONEYPOT = "favourite_bird"
# If scripts run, ours hides such a field for signers who are only counted.
NOT_FOR_COUNTED = {"data-not-for": Visibility.COUNTED.value}


class SignForm(AskingForm):
    """The form for signing a petition."""

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
        """Remove the city field if the petition does not ask for it.

        :param is_checked: False for a form that only redisplays its input
        """
        super().__init__(*args, **kwargs)
        self.is_checked = is_checked
        if not asks_city:
            del self.fields["city"]

    def show_on(self, page: PetitionPage) -> None:
        """List the petition's countries first, and use its consent statement."""
        self.fields["country"].choices = country_choices(page.petition.countries_first)  # type: ignore[attr-defined]
        # Checking the form has bound the field already, and with it the label of then.
        self["consent"].label = page.consent

    @property
    def errors(self) -> ErrorDict:
        """Return the errors; none without validation if the form would be refused whatever its content."""
        return super().errors if self.is_checked else ErrorDict()

    def clean_name(self) -> str | None:
        """Return the cleaned name, or None if no one may see it: then it is not even kept in memory.

        The name is not required as long as no visibility is chosen.
        """
        if self.cleaned_data.get("visibility") in {None, Visibility.COUNTED}:
            return None
        return cleaned_name(self.cleaned_data["name"], missing=_("Enter your first and last name."))

    def clean_city(self) -> str | None:
        """Return the cleaned city, or None if there is none or it must not be stored."""
        if self.cleaned_data.get("visibility") == Visibility.COUNTED:
            return None
        too_long = _("This is too long: %(limit)s characters at most.")
        return cleaned(self.cleaned_data["city"], limit=CITY_LENGTH_MAX, too_long=too_long) or None


class CodeForm(forms.Form):
    """The field for a typed code; it does not check whether the code exists."""

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
        """Return the code in its normal form.

        :raises ValidationError: if it is malformed, so that it can be no code at all
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
    # Differs on each page, to distinguish a double press from somebody else's request.
    press = ForgivingCharField(required=False, widget=forms.HiddenInput, max_length=PRESS_LENGTH_MAX)

    def __init__(self, *args: Any, chosen: Visibility, **kwargs: Any) -> None:
        """Offer the chosen visibility and all lower ones; ask only public signers for a reason."""
        super().__init__(*args, **kwargs)
        self.initial["visibility"] = chosen
        field = self.fields["visibility"]
        field.choices = [(choice.value, choice.label) for choice in chosen.up_to()]  # type: ignore[attr-defined]
        field.error_messages |= dict.fromkeys(["required", "invalid_choice"], _("Choose who may see your name."))
        if chosen != Visibility.PUBLIC:
            del self.fields["reason"]

    def clean_reason(self) -> str | None:
        """Return the cleaned reason, or None if there is none or the signature is not public."""
        if self.cleaned_data.get("visibility") != Visibility.PUBLIC:
            return None
        too_long = _("This is too long: %(limit)s characters at most.")
        return cleaned(self.cleaned_data["reason"], limit=REASON_LENGTH_MAX, too_long=too_long) or None


class AddressForm(AskingForm):
    """The form for requesting a my-signature link."""

    email_choice = choice_field()
    email = AddressField(_("Enter the address you used. We will send a link to it, whether or not it has signed."))


class NewsForm(AskingForm):
    """The form for asking for a petition's news by mail, apart from signing: the site keeps no signer's address."""

    email_choice = choice_field()
    email = AddressField(_("We will send a link to it first. Stored encrypted, and beside no signature."))
    wanted = forms.BooleanField(
        label=_("Send me the news of this petition by mail"),
        error_messages={"required": _("Tick the box if you want the news by mail.")},
        template_name="forms/check.html",
    )
