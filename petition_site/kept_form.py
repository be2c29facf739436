"""Collects what a visitor typed into a form that was not accepted, so that an error page can show it again."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.db import Error as DatabaseFailure
from django.http import Http404, HttpRequest

from signatures.models.choices import Visibility
from signatures.safeguarding.countries import country_names
from signatures.signing.address_questions import CHOICE, marked
from signatures.signing.forms import HONEYPOT, AddressForm, CodeForm, ConfirmForm, NewsForm, SignForm
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import newest_version

# The form of each public view by URL name; no other input is ever shown again.
FORMS: dict[str, type[forms.Form] | None] = {
    "petition": SignForm,
    "confirm_entry": CodeForm,
    "confirm": ConfirmForm,
    "my_signature_request": AddressForm,
    "my_signature": None,
    "no_mail": None,
    "news_by_mail": NewsForm,
    "confirm_news": None,
    "no_news": None,
}
HIDDEN = {"version", "consent", "wanted", "action", "press", HONEYPOT}


@dataclass(frozen=True)
class KeptField:
    """A typed value of a form.

    :param label: of the field, empty for a hidden one
    :param shown: for a choice, its label, while the value is sent again unchanged; else None
    :param is_box: whether it is a box that has to be ticked again
    """

    name: str
    value: str
    label: str = ""
    shown: str | None = None
    is_box: bool = False


def fields_to_check(request: HttpRequest, language: str) -> list[KeptField] | None:
    """Return the values of a form that another site may have filled in, or None if it has no fields to type in.

    No value is sent again that the visitor does not see: consent has to be given again, with the petition's own words.
    """
    shown = fields_to_look_at(request, language)
    if shown is None or request.resolver_match is None or not request.POST.get("consent"):
        return shown
    try:
        page = published_page(newest_version(request.resolver_match.kwargs["slug"]), language)
    except (Http404, DatabaseFailure):
        # The petition's page will ask for consent.
        return shown
    return [*shown, KeptField("consent", "on", page.consent, is_box=True)]


def fields_to_look_at(request: HttpRequest, language: str) -> list[KeptField] | None:
    """Return the values of such a form without the consent box, and without a database query.

    The petition's page will ask for consent.
    """
    fields = kept_fields(request, language)
    if fields is None or request.resolver_match is None or FORMS[request.resolver_match.view_name] is None:
        return None
    return [field for field in fields if field.label or field.name == "version"]


def kept_fields(request: HttpRequest, language: str) -> list[KeptField] | None:
    """Return the values of a public form in the form's order, or None if the request is not one.

    Invalid choices are left out, and so is the name of a COUNTED signer. There is no database query.
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
    if name == CHOICE:
        # The visitor sees the marked address, while the chosen value is sent again unchanged.
        return KeptField(name, value, labels[name], marked(value))
    if name not in {"visibility", "country"}:
        return KeptField(name, value, labels[name])
    words = country_names(language) if name == "country" else {choice.value: str(choice.label) for choice in Visibility}
    return KeptField(name, value, labels[name], words[value]) if value in words else None
