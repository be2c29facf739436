"""Initial values for common kinds of petitions; organisers change what doesn't fit theirs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, gettext_noop, override

from signatures.languages import site_languages
from signatures.models.petition import usual_share_places
from signatures.models.protection import Protection

CONSENT = gettext_noop(
    "I consent to this information, which reveals my political views, being used for this petition in the way chosen"
    " above. I can withdraw at any time."
)
CONSENT_ORDINARY = gettext_noop(
    "I consent to this information being used for this petition in the way chosen above. I can withdraw at any time."
)
SAFETY_NOTICE = gettext_noop(
    "**Do you live where people are punished for signing, travel there, or have family there? Choose “No one”.** A"
    " signature can lead to questioning, dismissal or prosecution. Don’t use a work address or one of a provider in"
    " that country. After confirming, delete our e-mail and clear your browser history. No website can promise complete"
    " safety."
)
SHARING_NOTICE = gettext_noop("Share only if it is safe: in some countries this can be punished.")
CONFIDENTIALITY = gettext_noop(
    "The names reveal political opinions. Some signers live where a signature can lead to questioning, dismissal or"
    " prosecution, or have family there."
)

WITH_NOTICES = {
    "consent": CONSENT,
    "safety_notice": SAFETY_NOTICE,
    "sharing_notice": SHARING_NOTICE,
    "confidentiality": CONFIDENTIALITY,
}
WITHOUT = {"consent": CONSENT_ORDINARY}


def starting_values(level: Protection) -> dict[str, Any]:
    """Return the initial field values of a new petition, in every language of the site."""
    words = WITH_NOTICES if level.rules.asks_for_notices else WITHOUT
    values: dict[str, Any] = {
        "protection": level.value,
        "languages": site_languages(),
        "share_places": usual_share_places(),
        "reviews_names": level.rules.looks_at_names,
    }
    for language in site_languages():
        with override(language):
            values |= {f"{part}_{language}": gettext(text) for part, text in words.items()}
    return values
