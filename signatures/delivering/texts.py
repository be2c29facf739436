"""The texts that were signed, as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from signatures.models import TextVersion, TextVersionBody
from signatures.models.choices import Profile
from signatures.texts.invisible import in_one_line
from signatures.texts.plain_printer import plain_text
from signatures.texts.relied_on import relied_on_in, relied_on_lines

BYTE_ORDER_MARK = "\ufeff"


def text_name(number: int, language: str) -> str:
    """Return the name of the file that holds a version in a language."""
    return f"petition-{number}.{language}.txt"


def text_files(versions: list[TextVersion]) -> Iterator[tuple[str, bytes]]:
    """Yield for each version its text in each language, and the bytes that its digest is of."""
    for version in versions:
        content = version.content
        for body in version.bodies.order_by("language"):
            yield text_name(version.number, body.language), _text(version, body, content).encode()
        yield f"petition-{version.number}.json", version.canonical_json.encode()


def _text(version: TextVersion, body: TextVersionBody, content: dict[str, Any]) -> str:
    with translation.override(body.language):
        told = [
            _("Version %(number)s, published on %(day)s (UTC)")
            % {"number": version.number, "day": format_date(version.published_at, "j E Y")},
            _("SHA-256 of petition-%(number)s.json: %(digest)s") % {"number": version.number, "digest": version.digest},
        ]
        recipients = [
            f"- {entry['name'][body.language]}: {Profile(entry['profile']).label}" for entry in content["recipients"]
        ]
        relied_on = [
            f"- {line.label}: {value.text}"
            for line in relied_on_lines(relied_on_in(version), None)
            for value in line.values
            if value.language in {"", body.language}
        ]
        parts = [
            in_one_line(body.title),
            "\n".join(told),
            in_one_line(body.summary),
            plain_text(body.body),
            _("What each signer agreed to:"),
            in_one_line(body.consent),
            _("Recipients, and what each is given:"),
            "\n".join(recipients),
            _("What signers rely on besides:"),
            "\n".join(relied_on),
        ]
    return BYTE_ORDER_MARK + "\n\n".join(parts) + "\n"
