"""No list of what belongs to petitions can be added without limiting it to those of one's own."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from signatures.admin.of_petition import OfPetition, OfPetitionInline, PetitionFilter
from signatures.models import Petition


def is_of_petition(model: type[Model]) -> bool:
    """Return whether rows of a model belong to a petition, or are one."""
    try:
        return model is Petition or model._meta.get_field("petition").related_model is Petition
    except FieldDoesNotExist:
        return False


def test_every_list_of_what_belongs_to_petitions_is_limited_and_filters_by_ones_own() -> None:
    found = {model.__name__: one for model, one in admin.site._registry.items() if is_of_petition(model)}
    assert {"Petition", "Signature", "Update", "Delivery", "TextVersion", "AuditEntry"} <= found.keys()
    for name, one in found.items():
        assert isinstance(one, OfPetition), name
        # Before what it has to narrow.
        assert type(one).__mro__.index(OfPetition) < type(one).__mro__.index(admin.ModelAdmin), name
        assert "petition" not in one.list_filter, f"{name} offers every petition"
        related = [choice for choice in one.list_filter if isinstance(choice, tuple) and choice[0] == "petition"]
        assert all(choice[1] is PetitionFilter for choice in related), name
        for inline in one.inlines:
            if is_of_petition(inline.model):
                assert issubclass(inline, OfPetitionInline), inline.__name__
