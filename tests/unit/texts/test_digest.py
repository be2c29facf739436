"""The digest of a text version is computed as in docs/architecture.md, so that anybody can check it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from signatures.canonical import canonical_json
from signatures.models import Petition
from signatures.models.protection import Protection
from signatures.texts.digest import TEXT_PARTS, VersionContent, digest_of, normalize_text
from signatures.texts.publishing import draft_content
from tests.support import factories

DOCUMENT = Path(__file__).parents[3] / "docs" / "architecture.md"
CONTENT: VersionContent = {
    "petition": "example",
    "version": 1,
    "protection": "GUARDED",
    "asks_city": False,
    "contact": "a@example.org",
    "bodies": {
        "ru": {
            "title": "Н",
            "summary": "К.",
            "body": "Текст.",
            "consent": "Да.",
            "responsible_body": "Группа",
            "safety_notice": "Осторожно.",
        },
        "en": {
            "title": "T",
            "summary": "S.",
            "body": "Text.",
            "consent": "Yes.",
            "responsible_body": "Group",
            "safety_notice": "Take care.",
        },
    },
    "recipients": [{"profile": "NAMES", "name": {"ru": "Парламент", "en": "Parliament"}}],
}


def test_the_documented_test_vector_is_right() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    vector = re.search(
        r"Test vector: the bytes\n\n```\n(.*?)\n```\n\nhave the digest `([0-9a-f]{64})`", text, re.DOTALL
    )
    assert vector is not None
    data, digest = vector.groups()
    assert hashlib.sha256(data.encode()).hexdigest() == digest
    assert json.loads(data) == CONTENT
    assert canonical_json(CONTENT).decode() == data
    assert digest_of(CONTENT) == digest


def test_a_published_text_has_the_digest_of_what_signers_were_shown(petition: Petition) -> None:
    version = factories.newest_version(petition)
    content: VersionContent = {
        "petition": petition.slug,
        "version": 1,
        "protection": "GUARDED",
        "asks_city": False,
        "contact": petition.contact,
        "bodies": {
            body.language: {
                "title": body.title,
                "summary": body.summary,
                "body": body.body,
                "consent": body.consent,
                "responsible_body": body.responsible_body,
            }
            for body in version.bodies.all()
        },
        "recipients": [
            {
                "name": {
                    "en": getattr(entry.recipient, "name_en"),  # noqa: B009 - made by modeltranslation
                    "ru": getattr(entry.recipient, "name_ru"),  # noqa: B009
                },
                "profile": entry.profile,
            }
            for entry in version.recipients.all()
        ],
    }
    assert digest_of(content) == version.digest
    assert version.canonical_json.encode() == canonical_json(content)


def test_any_change_changes_the_digest(petition: Petition) -> None:
    recipients = list(petition.recipients.all())
    first = digest_of(draft_content(petition, recipients, 1))
    assert digest_of(draft_content(petition, recipients, 2)) != first
    assert digest_of(draft_content(petition, recipients[::-1], 1)) != first
    recipients[0].profile = "TOTALS"
    assert digest_of(draft_content(petition, recipients, 1)) != first
    recipients[0].profile = "NAMES"
    texts = [f"{part}_{language}" for part in TEXT_PARTS for language in petition.languages]
    for field in (*texts, "contact"):
        before = getattr(petition, field) or ""
        setattr(petition, field, before + "!")
        assert digest_of(draft_content(petition, recipients, 1)) != first
        setattr(petition, field, before)
    assert digest_of(draft_content(petition, recipients, 1)) == first
    petition.asks_city = not petition.asks_city
    assert digest_of(draft_content(petition, recipients, 1)) != first
    petition.asks_city = not petition.asks_city
    petition.protection = Protection.ORDINARY
    assert digest_of(draft_content(petition, recipients, 1)) != first


@given(st.text())
def test_line_ends_normal_forms_and_outer_blanks_make_no_difference(text: str) -> None:
    normal = normalize_text(text)
    assert normalize_text(normal) == normal
    assert normalize_text(f" {text}\r\n") == normal
    assert "\r" not in normal
    assert unicodedata.is_normalized("NFC", normal)
    lines = text.replace("\r", "")
    assert (
        normalize_text(lines.replace("\n", "\r\n"))
        == normalize_text(lines.replace("\n", "\r"))
        == normalize_text(lines)
    )
