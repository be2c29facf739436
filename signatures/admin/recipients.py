"""The recipients on a petition's page."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.of_petition import OfPetitionInline
from signatures.admin.written_texts import PastedTexts, side_by_side
from signatures.languages import site_languages
from signatures.models import Petition, Recipient
from signatures.texts.gaps import RECIPIENTS

POSITION = "position"
EMPTY_RECIPIENTS = 3


class RecipientForm(PastedTexts, ModelForm[Recipient]):
    """Freezes the names of recipients that a published text contains."""

    parts = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Disable the fields that the database would refuse to change."""
        super().__init__(*args, **kwargs)
        published = self.instance.published_languages() if self.instance.pk is not None else set()
        for language in site_languages():
            field = self.fields[f"name_{language}"]
            field.disabled = language in published
        self.fields[f"name_{site_languages()[0]}"].help_text = _(
            "Frozen once it is published: another body is another recipient."
        )

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the changed fields; the prefilled position alone does not make a new recipient."""
        changed = super().changed_data
        return [] if self.instance._state.adding and changed == [POSITION] else changed


class RecipientFormSet(BaseInlineFormSet[Recipient, Petition, ModelForm[Recipient]]):
    """Proposes consecutive positions for new recipients."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add Django's fields, and prefill the position of a new recipient."""
        super().add_fields(form, index)
        if form.instance._state.adding and index is not None:
            form.initial[POSITION] = index


class RecipientInline(OfPetitionInline, admin.StackedInline[Recipient, Petition]):
    """The recipients on a petition's page."""

    model = Recipient
    template = "admin/recipients.html"
    form = RecipientForm
    formset = RecipientFormSet
    classes = ("side-by-side",)

    @property
    def words_for_script(self) -> str:
        """Return as JSON what Django's script for more rows asks for, with a button in a sentence of its own."""
        options = {"prefix": RECIPIENTS, "addText": gettext("Add a recipient"), "deleteText": gettext("Remove")}
        return json.dumps({"name": f"#{RECIPIENTS}", "options": options})

    def get_extra(self, request: HttpRequest, obj: Petition | None = None, **kwargs: Any) -> int:
        """Return the number of empty forms, since more can't be added without scripts; saving shows further ones."""
        return EMPTY_RECIPIENTS if obj is None or not obj.recipients.exists() else 1

    def get_fields(self, request: HttpRequest, obj: Petition | None = None) -> Any:
        """Return a name field for each language of the site, and the fields that all languages share."""
        return (*side_by_side("name"), ("profile", POSITION))
