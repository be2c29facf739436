"""The forms of the page on which organisers choose what they are told by mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.models import Organiser
from signatures.models.alert import OF_THE_SITE, RIGHTS
from signatures.models.choices import AlertKind
from signatures.models.rights import may
from signatures.signing.address_questions import AskingForm
from signatures.signing.fields import AddressField, choice_field


def kinds_for(organiser: Organiser) -> list[AlertKind]:
    """Return what an organiser may be told."""
    return [
        kind
        for kind in AlertKind
        if (
            may(organiser, RIGHTS[kind], None)
            if kind in OF_THE_SITE
            else organiser.has_perm(f"signatures.{RIGHTS[kind]}")
        )
    ]


class AlertsForm(AskingForm):
    """Asks for an address and for what to tell it."""

    email_choice = choice_field()
    email = AddressField("")
    kinds = forms.MultipleChoiceField(
        label=_("Tell me of"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one, or end the alerts below.")},
    )

    def __init__(self, *args: Any, kinds: list[AlertKind], has_address: bool, **kwargs: Any) -> None:
        """Offer what the organiser may be told.

        :param has_address: whether one is stored, which then need not be typed again
        """
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["email"].required = not has_address
        self.fields["email"].label = gettext("Another address") if has_address else gettext("E-mail")
        self.fields["email"].help_text = (
            gettext("Leave it empty to keep the one that is stored.")
            if has_address
            else gettext("We send a code to it first. It is stored encrypted; nobody else at the desk sees it.")
        )

    def clean_email(self) -> str:
        """Return the address, or an empty string to keep the stored one."""
        return super().clean_email() if self.cleaned_data["email"] else ""

    def clean_kinds(self) -> list[AlertKind]:
        """Return the kinds."""
        return [AlertKind(kind) for kind in self.cleaned_data["kinds"]]


def shortened(address: str) -> str:
    """Return as much of an address as its owner recognises, and nobody who looks over a shoulder can write to."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
