"""Validates the setting for the languages of the site."""

from __future__ import annotations

from collections.abc import Sequence

from signatures.languages import Language


def language_problems(codes: Sequence[str]) -> list[str]:
    """Return a list of one sentence if these codes cannot be the site's languages, else an empty list."""
    shipped = set(Language.values)
    if codes and len(set(codes)) == len(codes) and shipped.issuperset(codes):
        return []
    return [f"SITE_LANGUAGES must be some of {', '.join(Language.values)}, each once, the default language first."]
