"""Puts our admin site in the place of Django's default one."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class PetitionAdminConfig(AdminConfig):
    """The stock admin with our own site object."""

    default_site = "signatures.admin.site.PetitionAdminSite"
