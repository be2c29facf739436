"""The admin site object."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client

from petition_site.apps import PetitionAdminConfig
from signatures.admin.site import PetitionAdminSite
from signatures.models import AuditEntry, BounceCount, Delivery, Organiser, Petition, Signature, TextVersion, Update


def test_the_admin_has_pages_for_exactly_the_models_that_organisers_use() -> None:
    assert set(admin.site._registry) == {
        AuditEntry,
        BounceCount,
        Delivery,
        Organiser,
        Petition,
        Signature,
        TextVersion,
        Update,
    }


def test_the_admin_is_the_site_with_a_limit_on_logins() -> None:
    assert PetitionAdminConfig.default_site.endswith(PetitionAdminSite.__qualname__)
    assert admin.site.site_url == "/"
    assert isinstance(admin.site._wrapped, PetitionAdminSite)  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", ["language__exact=%00", "q=%00", "day=a%00b", "state=HELD&p=%00"])
def test_a_query_with_an_invalid_lookup_is_refused(organiser_client: Callable[[str], Client], query: str) -> None:
    response = organiser_client("").get(f"/admin/signatures/signature/?{query}")
    assert response.status_code == 400
