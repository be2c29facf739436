"""Whatever stands in the query of a page of the desk, or in its form, the page does not fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from signatures.models import BounceCount, Update
from tests.support import factories

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model.__name__)
PAGES = ("changelist", "add", "change", "delete", "history")
REFUSED = ("_to_field=", "_popup=1&_to_field=", "_to_field=id&_to_field=", "_to_field=&_to_field=id")
ODD_VALUES = ("", "-1", "x", "99999999999999999999", "%FF", "1.-2.x")
ODD = (
    "all=",
    "_to_field=nothing",
    "no_such_field=1",
    "no__such__lookup=1",
    "_to_field=id",
    "_to_field=password",
    "_to_field=petition__slug",
    *(f"{name}={value}" for name in ("_popup", "e", "p", "o", "q", "_changelist_filters") for value in ODD_VALUES),
    "_changelist_filters=_to_field%3D%26p%3Dx",
)


@pytest.fixture
def organiser(organiser_client: Callable[[str], Client]) -> Client:
    """Return an administrator, with a row of every kind in the database."""
    petition = factories.make_petition()
    factories.make_signature(petition)
    factories.make_delivery(petition)
    Update.objects.create(petition=petition, title_en="A headline")
    BounceCount.objects.create(kind="PERMANENT", amount=1)
    client = organiser_client("")
    assert [model.__name__ for model in MODELS if not model._default_manager.exists()] == []
    client.raise_request_exception = False
    return client


def page_at(model: type[Model], page: str) -> str:
    """Return the address of a page of the desk about a kind of row."""
    row = [] if page in {"changelist", "add"} else list(model._default_manager.values_list("pk", flat=True)[:1])
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=row)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_empty_name_of_a_field_is_refused(organiser: Client, model: type[Model], page: str) -> None:
    path = page_at(model, page)
    for query in REFUSED:
        assert organiser.get(f"{path}?{query}").status_code == 400, query
    for query, form in (("_to_field=", {}), ("", {"_to_field": ""}), ("_popup=1", {"_to_field": "", "post": "yes"})):
        assert organiser.post(f"{path}?{query}", form).status_code == 400, (query, form)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_odd_query_or_form_breaks_a_page(organiser: Client, model: type[Model], page: str) -> None:
    path = page_at(model, page)
    for query in ODD:
        assert organiser.get(f"{path}?{query}").status_code < 500, query
    for name in ("_popup", "_to_field", "_changelist_filters", "_selected_action", "action", "_saveasnew"):
        for value in ("x", "-1", "[]"):
            assert organiser.post(f"{path}?{name}={value}", {name: value}).status_code < 500, (name, value)
