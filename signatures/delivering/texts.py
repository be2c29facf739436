"""Writes the text files of a hand-over: the texts that were signed, and README.txt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from signatures.delivering.totals import Totals
from signatures.links import absolute, petition_url
from signatures.models import Delivery, TextVersion, TextVersionBody
from signatures.models.choices import Profile
from signatures.texts.invisible import in_one_line
from signatures.texts.plain_printer import plain_text
from signatures.texts.relied_on import relied_on_in, relied_on_lines

BYTE_ORDER_MARK = "\ufeff"
RULE = "\n" + "=" * 72 + "\n\n"
Lines = Callable[[], list[tuple[str, str]]]


def text_name(number: int, language: str) -> str:
    """Return the name of the file with a version's text in a language."""
    return f"petition-{number}.{language}.txt"


def text_files(versions: list[TextVersion]) -> Iterator[tuple[str, bytes]]:
    """Yield for each version its text in each language, and the canonical JSON that its digest is computed from."""
    for version in versions:
        content = version.content
        for body in version.bodies.order_by("language"):
            yield text_name(version.number, body.language), _text(version, body, content).encode()
        yield f"petition-{version.number}.json", version.canonical_json.encode()


def _text(version: TextVersion, body: TextVersionBody, content: dict[str, Any]) -> str:
    with translation.override(body.language):
        told = [
            _("Version %(number)s, published on %(day)s (UTC)")
            % {"number": version.number, "day": date_format(version.published_at)},
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


def readme(delivery: Delivery, totals: Totals, versions: list[TextVersion], watermark: str, lines: Lines) -> bytes:
    """Return README.txt in all languages of the text, that of the hand-over first.

    :param versions: the versions that could be signed; the last one's title is used
    :param watermark: written at the end
    :param lines: returns the names and descriptions of the other files, in the active language
    """
    # Sorted by code, so that the bytes don't depend on the order in which the site lists its languages.
    languages = [delivery.language, *sorted(set(versions[-1].languages) - {delivery.language})]
    sections = [_in_language(delivery, totals, versions[-1], language, lines) for language in languages]
    return (BYTE_ORDER_MARK + RULE.join([*sections, f"{watermark}\n"])).encode()


def _in_language(delivery: Delivery, totals: Totals, newest: TextVersion, language: str, lines: Lines) -> str:
    gives_names = delivery.profile == Profile.NAMES
    body = newest.body_in(language)
    with translation.override(language):
        return render_to_string(
            "delivering/readme.txt",
            {
                "title": body.title,
                "confidentiality": in_one_line(body.confidentiality),
                "recipient": delivery.recipient.name_in(language),
                "cut_off": f"{delivery.cut_off.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                "confirmed": _number(totals.confirmed),
                "named": _number(totals.named),
                "unnamed": _number(totals.unnamed),
                "gives_names": gives_names,
                "is_exact": totals.is_exact,
                "files": lines(),
                "example": "signatures.csv" if gives_names else "totals.csv",
                "page": absolute(petition_url("deliveries", language, delivery.petition.slug)),
            },
        )


def _number(number: int | None) -> str:
    return "" if number is None else number_format(number, force_grouping=True)
