"""Records who looked at which names: the page, the kind of search, the filters, never the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from signatures.auditing import record
from signatures.models import Organiser, Petition
from signatures.models.choices import AuditAction


class NamesPage(models.TextChoices):
    """The kinds of pages that show signers' names or what they wrote."""

    LIST = "LIST", _("List of signatures")
    SIGNATURE = "SIGNATURE", _("Page of one signature")
    ERASURE = "ERASURE", _("Page for erasing a signature")
    REVIEW_NAMES = "REVIEW_NAMES", _("Names that wait")
    REVIEW_REASONS = "REVIEW_REASONS", _("Reasons to read")
    REASON_ERASURE = "REASON_ERASURE", _("Page for erasing reasons")
    RULES = "RULES", _("List of rules")
    RULE = "RULE", _("Page of a rule")
    WAVE = "WAVE", _("Examples of a wave")
    SHEET = "SHEET", _("Rows of a sheet that two people read differently")


# What the number of the affected row is a number of, on pages that are about one.
PAGES_OF_A_SIGNATURE = (NamesPage.SIGNATURE, NamesPage.ERASURE, NamesPage.REASON_ERASURE)


class Search(models.TextChoices):
    """How the names on a page were looked for."""

    WORDS = "WORDS", _("By words of the name")
    NONE = "NONE", _("Not by words")


def record_look(
    *,
    actor: Organiser,
    page: NamesPage,
    petition: Petition | int | None,
    amount: int,
    target: int | None = None,
    search: Search = Search.NONE,
    filters: Mapping[str, Any] | None = None,
) -> None:
    """Record that somebody looked at names.

    :param petition: the petition or its number, or None for a list that is empty and of no single petition
    :param amount: how many names were shown, or reasons
    :param target: primary key of the signature, rule, wave or bundle of sheets that the page is about
    :param filters: of a list, as fields and codes, never what somebody typed
    """
    details: dict[str, Any] = {"page": page.value, "search": search.value}
    if filters:
        details["filters"] = dict(filters)
    record(
        actor=actor,
        action=AuditAction.NAMES_VIEWED,
        petition=petition,
        target=target,
        amount=amount,
        details=details,
    )
