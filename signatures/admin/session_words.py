"""Names browsers in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext


def browser_words(browser: str, system: str) -> str:
    """Return the name of a browser and its system, as far as they are known."""
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or gettext("an unknown browser")
