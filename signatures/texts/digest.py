"""The digest of a text version, documented in docs/architecture.md with a test vector."""

from __future__ import annotations

import hashlib
from typing import NotRequired, TypedDict

from signatures.canonical import canonical_json
from signatures.normal_forms import normal_form


class BodyContent(TypedDict):
    """One language of a text version; empty notices are left out."""

    title: str
    summary: str
    body: str
    consent: str
    responsible_body: str
    safety_notice: NotRequired[str]
    sharing_notice: NotRequired[str]
    confidentiality: NotRequired[str]


# The parts of a text version in each language, by field name; the rest may be empty.
REQUIRED_PARTS = ("title", "summary", "body", "consent", "responsible_body")
NOTICES = ("safety_notice", "sharing_notice", "confidentiality")
TEXT_PARTS = (*REQUIRED_PARTS, *NOTICES)


class RecipientContent(TypedDict):
    """One recipient as it was shown to signers."""

    name: dict[str, str]
    profile: str


class VersionContent(TypedDict):
    """Everything that was shown to signers."""

    petition: str
    version: int
    protection: str
    asks_city: bool
    contact: str
    bodies: dict[str, BodyContent]
    recipients: list[RecipientContent]


def normalize_text(text: str) -> str:
    """Return the text in NFC with LF line ends, stripped."""
    return normal_form("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def digest_of(content: VersionContent) -> str:
    """Return the SHA-256 of the canonical JSON in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(content)).hexdigest()
