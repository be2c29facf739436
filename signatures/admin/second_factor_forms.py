"""The forms of second factors."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

NAME_LENGTH_MAX = 64
TYPED_MAX = 200
REASON_LENGTH_MAX = 200


class CodeForm(forms.Form):
    """Asks for the code that the app shows."""

    code = forms.CharField(
        label=_("The code that the app on your phone shows"),
        max_length=TYPED_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 10}),
    )


class RecoveryForm(forms.Form):
    """Asks for a recovery code."""

    recovery_code = forms.CharField(
        label=_("One of your recovery codes"),
        max_length=TYPED_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class AppForm(CodeForm):
    """Asks for the first code of a new app, and what to call it."""

    name = forms.CharField(label=_("What to call it, such as “my phone”"), max_length=NAME_LENGTH_MAX, required=False)
    field_order = ("code", "name")


class PasswordForm(forms.Form):
    """Asks for the password once more."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class WhyForm(forms.Form):
    """Asks why somebody else's factor is removed."""

    reason = forms.CharField(
        label=_("Why? For example: phone lost, asked on the telephone, voice known"), max_length=REASON_LENGTH_MAX
    )
