"""The poster of a petition: one page to print, with its words and the QR code of its address."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from signatures.delivering.writers.pdf.names import visible
from signatures.delivering.writers.pdf.press import POSTER, press
from signatures.links import absolute, petition_url
from signatures.models import TextVersion
from signatures.texts.invisible import in_one_line

PAPERS = ("a4", "a3")


def poster_of(version: TextVersion, language: str, paper: str, code: bytes) -> bytes:
    """Return the poster of a text in one of its languages as PDF; the same text gives the same bytes.

    :param paper: one of PAPERS
    :param code: the QR code of the petition's address, as SVG
    :raises PressError: if it could not be typeset
    """
    body = version.body_in(language)
    address = absolute(petition_url("petition", language, version.petition.slug))
    with translation.override(language):
        content = {
            "paper": paper,
            "language": body.language,
            "title": visible(in_one_line(body.title)),
            "summary": visible(in_one_line(body.summary)),
            "call": _("Scan the code, read and sign"),
            "address": typed_address(address),
            "promise": _("You choose who sees your name. It can be no one."),
            "by": _("Run by %(body)s.") % {"body": visible(in_one_line(body.responsible_body))},
            "code": code.decode(),
        }
    return b"".join(press(content, version.published_at, POSTER))


def typed_address(address: str) -> str:
    """Return an address as people type it: browsers and the site add what is left out at either end."""
    return address.partition("://")[2].rstrip("/")
