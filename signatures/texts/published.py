"""What a published text version put before signers, as it was digested."""

from __future__ import annotations

from signatures.models import TextVersion
from signatures.models.choices import Language
from signatures.texts.digest import VersionContent, normalize_text


def published_content(version: TextVersion) -> VersionContent:
    """Return the content whose digest the version has."""
    shown = version.recipients.select_related("recipient").order_by("position", "id")
    return {
        "petition": version.petition.slug,
        "version": version.number,
        "bodies": {
            body.language: {"title": body.title, "summary": body.summary, "body": body.body, "consent": body.consent}
            for body in version.bodies.all()
        },
        "recipients": [
            {
                "name": {code: normalize_text(getattr(entry.recipient, f"name_{code}")) for code in Language.values},
                "profile": entry.profile,
            }
            for entry in shown
        ],
    }
