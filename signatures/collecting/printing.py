"""What is printed on sheets and slips, worded in their language."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext as _

from signatures.collecting.numbers import printed_number
from signatures.links import absolute, petition_url
from signatures.models import Bundle, Sheet
from signatures.models.choices import Profile, Visibility
from signatures.texts.plain_printer import plain_text

Content = dict[str, Any]


def printed_content(bundle: Bundle, sheets: Sequence[Sheet]) -> Content:
    """Return the pages of a bundle, or of some of its sheets, for ``sheet.typ``."""
    version = bundle.text_version
    body = version.body_in(bundle.language)
    with translation.override(body.language):
        address = absolute(petition_url("petition", body.language, bundle.petition.slug))
        return {
            "language": body.language,
            "is_slips": bundle.is_slips,
            "title": body.title,
            "summary": body.summary,
            "notice": plain_text(body.safety_notice).strip(),
            "recipients": _recipients(bundle),
            "whole_text": _("The whole text, and how to sign without paper:"),
            "address": address,
            "address_code": _code(address),
            "version": _("Text version %(number)s, SHA-256 %(digest)s")
            % {"number": version.number, "digest": version.digest},
            "choices_heading": _("Who may see your name? You choose:"),
            "choices": _choices(),
            "consent": body.consent,
            "responsible": _("Responsible: %(body)s, %(contact)s")
            % {"body": body.responsible_body, "contact": version.contact},
            "withdraw": _(
                "You can take your signature back at any time: write to this address. Note the number of this paper:"
                " without a name, your signature is found only by it."
            ),
            "head": [
                "",
                _("Who may see my name: 1, 2 or 3"),
                _("First and last name (if 1: leave it empty)"),
                _("Country where I live"),
                _("Signature"),
            ],
            "number_word": _("Sheet") if not bundle.is_slips else _("Slip"),
            "sheets": [
                {
                    "number": printed_number(sheet.number),
                    "code": _code(printed_number(sheet.number)),
                    "lines": sheet.lines,
                }
                for sheet in sheets
            ],
        }


def _choices() -> list[list[str]]:
    """Return each choice with what it means, in the order and by the digits of the form at the desk."""
    meanings = {
        Visibility.COUNTED: _("I am counted. Leave the name empty: it is not entered anywhere."),
        Visibility.DELIVERED: _("The organisers see my name, and the recipients above that are given names."),
        Visibility.PUBLIC: _("My name stands on the petition’s page, too."),
    }
    return [[str(place), str(choice.label), meanings[choice]] for place, choice in enumerate(Visibility, start=1)]


def _recipients(bundle: Bundle) -> list[str]:
    """Return what each recipient of the text is given, in a sentence."""
    shown = bundle.text_version.recipients.select_related("recipient")
    by_profile: dict[str, list[str]] = {}
    for entry in shown:
        by_profile.setdefault(entry.profile, []).append(entry.recipient.name_in(bundle.language))
    sentences = {
        Profile.NAMES: _("Given names and numbers: %(recipients)s."),
        Profile.TOTALS: _("Given numbers only: %(recipients)s."),
    }
    return [
        sentences[profile] % {"recipients": "; ".join(by_profile[profile])}
        for profile in Profile
        if profile in by_profile
    ]


def _code(text: str) -> str:
    """Return a QR code as a picture in SVG."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, border=4, xmldecl=False)
    return out.getvalue().decode()
