"""Names and other short texts as people type them, on whichever form: cleaned by the same rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from signatures.models.signature import NAME_LENGTH_MAX
from signatures.safeguarding.names import clean_text, is_name

NULL = "\0"
# Pasted text may contain many blanks and invisible characters for each character that is stored.
TYPED_PER_STORED_MAX = 20


class ForgivingCharField(forms.CharField):
    """A text field that drops NUL, which the database cannot store, instead of rejecting it."""

    def to_python(self, value: Any) -> Any:
        """Return the text without NUL."""
        return super().to_python(value.replace(NULL, "") if isinstance(value, str) else value)


def cleaned(text: str, *, limit: int, too_long: Any) -> str:
    """Return a typed text cleaned for storing.

    :param limit: maximum number of characters after cleaning
    :param too_long: the error message for longer texts, with a placeholder for the limit
    :raises ValidationError: if it is too long; far too long texts are not even cleaned, which would take long
    """
    stored = clean_text(text) if len(text) <= limit * TYPED_PER_STORED_MAX else text
    if len(stored) > limit:
        raise forms.ValidationError(too_long, code="max_length", params={"limit": limit})
    return stored


def cleaned_name(text: str, *, missing: Any) -> str:
    """Return a typed name cleaned for storing.

    :param missing: the error message for what is no name
    :raises ValidationError: if it is too long, or no name
    """
    name = cleaned(text, limit=NAME_LENGTH_MAX, too_long=_("The name is too long: %(limit)s characters at most."))
    if not is_name(name):
        raise forms.ValidationError(missing, code="required")
    return name
