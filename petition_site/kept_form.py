"""What a visitor typed into a form that could not be taken, to be shown again without the database."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest

from signatures.models.choices import Visibility
from signatures.safeguarding.countries import country_names
from signatures.signing.forms import HONEYPOT, AddressForm, CodeForm, ConfirmForm, SignForm

# The fields of each public form by the name of its address; nothing else is ever shown again.
FORMS: dict[str, type[forms.Form] | None] = {
    "petition": SignForm,
    "confirm_entry": CodeForm,
    "confirm": ConfirmForm,
    "my_signature_request": AddressForm,
    "my_signature": None,
    "no_mail": None,
}
HIDDEN = {"version", "consent", "action", HONEYPOT}


@dataclass(frozen=True)
class KeptField:
    """One value of a form.

    :param label: what the field is called, empty for one that is not shown
    :param shown: the value in words where it is a choice, which is then sent again as it was; else None
    """

    name: str
    value: str
    label: str = ""
    shown: str | None = None


def kept_fields(request: HttpRequest, language: str) -> list[KeptField] | None:
    """Return what was typed into one of the public forms, in the form's order, or None where the request is none.

    A choice that no form offers is left out, and so is the name where no one may see it.
    """
    view = request.resolver_match.view_name if request.resolver_match else ""
    if request.method != "POST" or view not in FORMS:
        return None
    form = FORMS[view]
    names = ["action"] if form is None else list(form.base_fields)
    typed = {name: request.POST[name] for name in names if request.POST.get(name)}
    if typed.get("visibility") == Visibility.COUNTED:
        for name in ("name", "city", "reason"):
            typed.pop(name, None)
    labels = {} if form is None else {name: str(field.label or "") for name, field in form.base_fields.items()}
    return [field for name, value in typed.items() if (field := _field(name, value, labels, language))]


def _field(name: str, value: str, labels: dict[str, str], language: str) -> KeptField | None:
    if name in HIDDEN:
        return KeptField(name, value)
    if name not in {"visibility", "country"}:
        return KeptField(name, value, labels[name])
    words = country_names(language) if name == "country" else {choice.value: str(choice.label) for choice in Visibility}
    return KeptField(name, value, labels[name], words[value]) if value in words else None
