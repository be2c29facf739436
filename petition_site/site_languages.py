"""Says what is wrong with the languages that a site is to offer."""

from __future__ import annotations

from collections.abc import Sequence

from signatures.languages import Language


def language_problems(codes: Sequence[str]) -> list[str]:
    """Return a sentence if these cannot be the site's languages, or nothing."""
    shipped = set(Language.values)
    if codes and len(set(codes)) == len(codes) and shipped.issuperset(codes):
        return []
    return [f"SITE_LANGUAGES must be some of {', '.join(Language.values)}, each once, the default language first."]
