"""README.txt: what the files of a hand-over are and how to check them, in its language and in those of the text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import number_format

from signatures.delivering.totals import Totals
from signatures.links import absolute, petition_url
from signatures.models import Delivery, TextVersion
from signatures.models.choices import Profile
from signatures.texts.invisible import in_one_line

BYTE_ORDER_MARK = "\ufeff"
RULE = "\n" + "=" * 72 + "\n\n"


Lines = Callable[[], list[tuple[str, str]]]


def readme(delivery: Delivery, totals: Totals, versions: list[TextVersion], watermark: str, lines: Lines) -> bytes:
    """Return the file, the language of the hand-over first.

    :param versions: those that could be signed; under the title of the last the petition is handed over
    :param watermark: stands at its end
    :param lines: returns names and description of the other files, in the language in use
    """
    # By their codes: the same bytes in whatever order the site lists them.
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
