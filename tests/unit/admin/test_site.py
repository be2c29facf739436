"""The site object of the desk."""

from __future__ import annotations

from django.contrib import admin

from petition_site.apps import PetitionAdminConfig
from signatures.admin.site import PetitionAdminSite
from signatures.models import AuditEntry, Organiser, Petition, Signature, TextVersion


def test_the_desk_has_a_page_for_each_kind_of_row_that_organisers_look_at_and_for_no_other() -> None:
    assert set(admin.site._registry) == {AuditEntry, Organiser, Petition, Signature, TextVersion}


def test_the_desk_is_the_site_with_a_limit_on_logins() -> None:
    assert PetitionAdminConfig.default_site.endswith(PetitionAdminSite.__qualname__)
    assert admin.site.site_url == "/"
    assert isinstance(admin.site._wrapped, PetitionAdminSite)  # type: ignore[attr-defined]
