"""Warns of database files that may still contain data erased more than a day ago."""

from __future__ import annotations

from signatures.models import Rewrite

WARNING = (
    "What was erased more than a day ago may still be in the files of the database: {names} could not be rewritten. "
    "docs/operations.md says what may be in the way."
)


def rewrite_warnings() -> list[str]:
    """Return a sentence if a table was written to but not rewritten for more than a day.

    :raises django.db.Error: if the database cannot be reached
    """
    names = Rewrite.objects.overdue()
    return [WARNING.format(names=", ".join(names))] if names else []
