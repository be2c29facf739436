"""Renders each field of a public form, with its label, hint and error, by one template of ours."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Takes templates from where pages take theirs."""

    field_template_name = "forms/field.html"
