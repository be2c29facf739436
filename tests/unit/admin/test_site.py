"""The site object of the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client

from petition_site.apps import PetitionAdminConfig
from signatures.admin.site import PetitionAdminSite
from signatures.models import AuditEntry, BounceCount, Delivery, Organiser, Petition, Signature, TextVersion, Update


def test_the_desk_has_a_page_for_each_kind_of_row_that_organisers_look_at_and_for_no_other() -> None:
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


def test_the_desk_is_the_site_with_a_limit_on_logins() -> None:
    assert PetitionAdminConfig.default_site.endswith(PetitionAdminSite.__qualname__)
    assert admin.site.site_url == "/"
    assert isinstance(admin.site._wrapped, PetitionAdminSite)  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", ["language__exact=%00", "q=%00", "day=a%00b", "state=HELD&p=%00"])
def test_a_query_that_no_filter_can_look_up_is_refused(organiser_client: Callable[[str], Client], query: str) -> None:
    response = organiser_client("").get(f"/admin/signatures/signature/?{query}")
    assert response.status_code == 400
