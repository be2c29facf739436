"""Fills in the forms of the admin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import Petition
from tests.support import factories
from tests.support.page_reading import field_value

ADD = "/admin/signatures/petition/add/"
MANAGEMENT = {
    "recipients-TOTAL_FORMS": "0",
    "recipients-INITIAL_FORMS": "0",
    "recipients-MIN_NUM_FORMS": "0",
    "recipients-MAX_NUM_FORMS": "1000",
}
LANGUAGES = ("en", "ru")


def change_path(petition: Petition) -> str:
    """Return the path of a petition's admin page."""
    return reverse("admin:signatures_petition_change", args=[petition.pk])


def online_path(petition: Petition) -> str:
    """Return the path of a draft's checklist."""
    return reverse("admin:petition_online", args=[petition.pk])


def put_online(client: Client, petition: Petition) -> HttpResponse:
    """Open the checklist, and press its button, or what would be the button."""
    seen = field_value(client.get(online_path(petition)).content.decode(), "seen")
    return save(client, online_path(petition), {"seen": seen or ""})


def publish_path(petition: Petition) -> str:
    """Return the path of the publishing page."""
    return reverse("admin:petition_publish", args=[petition.pk])


def preview_path(petition: Petition, language: str) -> str:
    """Return the path of the draft's preview."""
    return reverse("admin:petition_preview", kwargs={"pk": petition.pk, "language": language})


def petition_form(**values: Any) -> dict[str, Any]:
    """Return a filled-in form for a new petition in English and Russian, without recipients."""
    texts = {
        f"{name}_{language}": pair[place]
        for name, pair in factories.TEXTS.items()
        for place, language in enumerate(LANGUAGES)
    }
    return {
        **texts,
        "languages": list(LANGUAGES),
        "slug": "freedom",
        "protection": "GUARDED",
        "status": "DRAFT",
        "opens_at_0": "2011-01-01",
        "opens_at_1": "00:00",
        "contact": "contact@example.org",
        **MANAGEMENT,
        **values,
    }


def with_recipients(*recipients: tuple[str, str, str]) -> dict[str, str]:
    """Return the form fields for recipients, given as English name, Russian name and profile."""
    form = {"recipients-TOTAL_FORMS": str(len(recipients))}
    for number, (english, russian, profile) in enumerate(recipients):
        form |= {
            f"recipients-{number}-position": str(number),
            f"recipients-{number}-name_en": english,
            f"recipients-{number}-name_ru": russian,
            f"recipients-{number}-profile": profile,
        }
    return form


def shown_form(client: Client, path: str) -> dict[str, str]:
    """Return what the form on a page would submit unchanged, without disabled fields, as browsers do."""
    form: dict[str, str] = {}
    adminform = client.get(path).context
    forms = [
        adminform["adminform"].form,
        *(one for formset in adminform["inline_admin_formsets"] for one in formset.formset),
    ]
    forms += [formset.formset.management_form for formset in adminform["inline_admin_formsets"]]
    for one in forms:
        for field in one:
            if not field.field.disabled:
                form |= _sent(field.html_name, field.value(), field.field.widget)
    return form


def _sent(name: str, value: Any, widget: Any) -> dict[str, Any]:
    if hasattr(widget, "decompress"):
        parts = widget.decompress(value)
        return {f"{name}_{number}": _text(part) for number, part in enumerate(parts)}
    if getattr(widget, "allow_multiple_selected", False):
        return {name: [_text(one) for one in value or []]}
    if value is False or value is None:
        return {} if value is False else {name: ""}
    return {name: _text(value)}


def _text(value: Any) -> str:
    return "" if value is None else str(getattr(value, "pk", value))


def save(client: Client, path: str, form: Mapping[str, Any]) -> HttpResponse:
    """Submit a form with its "save" button."""
    return cast("HttpResponse", client.post(path, form))


def publish(client: Client, petition: Petition) -> HttpResponse:
    """Open the publishing page, and press its button."""
    seen = field_value(client.get(publish_path(petition)).content.decode(), "seen")
    return save(client, publish_path(petition), {"seen": seen or ""})


def errors_on(response: HttpResponse) -> list[str]:
    """Return the errors shown on an admin page."""
    lists = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [error for found in lists for error in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]
