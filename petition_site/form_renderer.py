"""Renders every field of a public form, with label, hint and error, by a single template of ours."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Loads form templates from the same directories as page templates."""

    field_template_name = "forms/field.html"
