"""README.txt: what the files of a hand-over are and how to check them, in every language of the site."""

from __future__ import annotations

from datetime import UTC

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import number_format

from signatures.delivering.totals import Totals
from signatures.links import absolute, petition_url
from signatures.models import Delivery, TextVersion
from signatures.models.choices import Language, Profile
from signatures.texts.invisible import in_one_line

BYTE_ORDER_MARK = "\ufeff"
RULE = "\n" + "=" * 72 + "\n\n"


def readme(delivery: Delivery, totals: Totals, version: TextVersion, watermark: str) -> bytes:
    """Return the file, the language of the hand-over first.

    :param version: the newest that somebody signed, under whose title the petition is handed over
    :param watermark: stands at its end
    """
    languages = sorted(Language.values, key=lambda code: code != delivery.language)
    sections = [_in_language(delivery, totals, version, language) for language in languages]
    return (BYTE_ORDER_MARK + RULE.join([*sections, f"{watermark}\n"])).encode()


def _in_language(delivery: Delivery, totals: Totals, version: TextVersion, language: str) -> str:
    gives_names = delivery.profile == Profile.NAMES
    body = version.bodies.get(language=language)
    with translation.override(language):
        return render_to_string(
            "delivering/readme.txt",
            {
                "title": body.title,
                "confidentiality": in_one_line(body.confidentiality),
                "recipient": getattr(delivery.recipient, f"name_{language}"),
                "cut_off": f"{delivery.cut_off.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                "confirmed": _number(totals.confirmed),
                "named": _number(totals.named),
                "unnamed": _number(totals.unnamed),
                "gives_names": gives_names,
                "is_exact": totals.is_exact,
                "with_workbook": delivery.with_workbook,
                "with_document": delivery.with_document,
                "versions": [version.number for version in totals.versions],
                "example": "signatures.csv" if gives_names else "totals.csv",
                "page": absolute(petition_url("deliveries", language, delivery.petition.slug)),
            },
        )


def _number(number: int | None) -> str:
    return "" if number is None else number_format(number, force_grouping=True)
