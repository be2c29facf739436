"""App configurations of the site itself, and of our admin site, which replaces Django's default one."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    """The project as an app, which holds the system checks."""

    name = "petition_site"

    def ready(self) -> None:
        """Register the system checks."""
        import_module("petition_site.checks")


class PetitionAdminConfig(AdminConfig):
    """The stock admin with our own site object."""

    default_site = "signatures.admin.site.PetitionAdminSite"
    default = False

    def ready(self) -> None:
        """Register the pages of the admin.

        The site object is in the package whose import registers the pages. If the object were requested first, as
        Django's autodiscovery does, it would be created twice, and the pages be registered with the discarded one.
        """
        import_module("signatures.admin")
        super().ready()
