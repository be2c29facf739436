"""Finds every field of text of the forms of the site and of the desk."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory

import signatures
from signatures.admin.hand_over_forms import AnsweredForm, LeadPetitionerForm
from signatures.models import Delivery, Organiser, Petition


def text_fields() -> set[str]:
    """Return every field of text of every form of ours, and of what organisers write at the desk."""
    for module in pkgutil.walk_packages(signatures.__path__, "signatures."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    found: set[str] = set()
    waiting: list[type[forms.BaseForm]] = [forms.Form, forms.ModelForm]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("signatures."):
            fields = getattr(kind, "base_fields", {})
            found |= {
                f"{kind.__name__}.{name}"
                for name, field in fields.items()
                if type(field).__mro__.count(forms.CharField)
            }
    return found | desk_fields() | fields_by_language()


def fields_by_language() -> set[str]:
    """Return every field of text of the forms that have one for each language of a petition."""
    petition, delivery = Petition(), Delivery()
    petition.text_languages, delivery.text_languages = None, petition.languages
    shown = (AnsweredForm(delivery=delivery), LeadPetitionerForm(petition=petition))
    return {
        f"{type(form).__name__}.{name}"
        for form in shown
        for name, field in form.fields.items()
        if type(field).__mro__.count(forms.CharField)
    }


def desk_fields() -> set[str]:
    """Return every field of text of every form with which rows are added or changed at the desk."""
    request = RequestFactory().get("/admin/")
    request.user = Organiser(is_active=True, is_staff=True, is_superuser=True)
    found: set[str] = set()
    for model, of_model in admin.site._registry.items():
        shown: list[tuple[type[Model], Any]] = []
        if of_model.has_add_permission(request):
            shown.append((model, of_model.get_form(request, None, change=False)))
        if of_model.has_change_permission(request):
            shown.append((model, of_model.get_form(request, model(pk=0), change=True)))
        if shown:
            inlines = of_model.get_inline_instances(request, model(pk=0))
            shown += [(inline.model, inline.get_formset(request, model(pk=0)).form) for inline in inlines]
        for owner, form in shown:
            found |= {
                f"{owner.__name__}.{name}"
                for name, field in form.base_fields.items()
                if isinstance(field, forms.CharField)
            }
    return found
