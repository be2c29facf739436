"""Rule: which signatures of a petition a decision is about, as conditions that all must hold."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatures.languages import shipped_choices
from signatures.models.choices import NameReview, SignatureState, StateReason, Visibility
from signatures.models.petition import Petition
from signatures.models.text_version import TextVersion

NAME_PATTERN_LENGTH_MAX = 120


class Group(models.Model):
    """Conditions that can be checked before a signature is stored; an empty one matches everything."""

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="+", verbose_name=_("petition"))
    # A domain mark, erased when those of the signatures are.
    domain_key = models.BinaryField(max_length=33, null=True, editable=False)
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices, blank=True, default="")
    visibility = models.CharField(
        _("who may see the name"), max_length=9, choices=Visibility.choices, blank=True, default=""
    )
    text_version = models.ForeignKey(
        TextVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("text version")
    )

    class Meta:
        abstract = True

    def equal_to(self) -> dict[str, Any]:
        """Return the conditions on single columns, by the name of the column."""
        conditions = {
            name: getattr(self, name) for name in ("domain_key", "country", "language", "visibility", "text_version_id")
        }
        return {name: value for name, value in conditions.items() if value not in ("", None)}


class Rule(Group):
    """Conditions on stored signatures; an empty one matches everything.

    ``name`` is matched as in the search of the list, and ``since`` and ``until`` are the first instant of the span in
    which a signer confirmed last, and the first one after it.
    """

    since = models.DateTimeField(_("signed from (UTC)"), null=True, blank=True)
    until = models.DateTimeField(_("signed before (UTC)"), null=True, blank=True)
    # Perhaps a person's name, so it is erased once it is not needed any more.
    name = models.CharField(_("words of the name"), max_length=NAME_PATTERN_LENGTH_MAX, blank=True, default="")
    state = models.CharField(_("state"), max_length=9, choices=SignatureState.choices, blank=True, default="")
    state_reason = models.CharField(
        _("why held or removed"), max_length=10, choices=StateReason.choices, blank=True, default=""
    )
    name_review = models.CharField(
        _("name before everyone"), max_length=7, choices=NameReview.choices, blank=True, default=""
    )
    signature_ids = ArrayField(models.BigIntegerField(), verbose_name=_("row numbers"), null=True, blank=True)

    class Meta:
        abstract = True

    def equal_to(self) -> dict[str, Any]:
        """Return the conditions on single columns, by the name of the column."""
        more = {name: getattr(self, name) for name in ("state", "state_reason", "name_review")}
        return super().equal_to() | {name: value for name, value in more.items() if value}
