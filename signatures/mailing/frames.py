"""Renders what all mails of a kind and language share once, and fills in per mail only what differs."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import SafeString

from signatures.mailing.text_header import TextHeader
from signatures.models.choices import MailKind

TEMPLATES = {
    MailKind.CONFIRM: "confirm",
    MailKind.MY_SIGNATURE: "my_signature",
    MailKind.ALERT: "alert",
    MailKind.ALERT_CHECK: "alert_check",
    MailKind.NEWS_CHECK: "news_check",
    MailKind.NEWS: "news",
}
# Which nobody has asked for at this moment.
UNASKED = {MailKind.ALERT, MailKind.NEWS}
# One for each kind, language and petition that mails name.
FRAMES_KEPT = 64
# What differs from mail to mail. While a frame is rendered, random marks stand in for these values: letters and digits,
# which no escaping changes, new in each process, so that nobody can have put one into a title.
OWN = ("code", "link", "stop", "asked")
MARKS = {name: secrets.token_hex(16) for name in OWN}
NAMES = {mark: name for name, mark in MARKS.items()}
ANY_MARK = re.compile(f"({'|'.join(NAMES)})")


@dataclass(frozen=True)
class Naming:
    """What a mail says about its petition.

    :param title: on one line, shortened for a subject
    :param responsible_body: who answers for the petition, on one line
    """

    title: str
    responsible_body: str


@dataclass(frozen=True)
class News:
    """What an alert says to an organiser, in the mail's language.

    :param subject: empty if that would say too much, or if there are several
    :param has_more: whether there is something that the mail may not name
    """

    subject: str = ""
    sentences: tuple[str, ...] = ()
    has_more: bool = True


NO_NEWS = News()


@dataclass(frozen=True)
class Story:
    """A news item as it is mailed.

    :param title: on one line
    :param language: of the item, which may lack that of the mail
    :param plain: the text without markup
    :param html: the same, sanitised
    """

    title: str
    language: str
    plain: str
    html: SafeString


@dataclass(frozen=True)
class Part:
    """The plain text or the HTML of a mail, with gaps for what differs from mail to mail.

    :param segments: text and names of OWN, alternating
    :param written: converts a value before it is inserted: for HTML it is escaped, as the template would do
    :param headers: the same in every such part, parsed once
    """

    segments: tuple[str, ...]
    written: Callable[[str], str]
    headers: tuple[tuple[str, Any], ...]
    is_base64: bool

    @classmethod
    def of(cls, text: str, subtype: str, written: Callable[[str], str]) -> Part:
        """Split a rendered text at its marks."""
        data = text.encode()
        # Quoted-printable takes six bytes for each Cyrillic letter.
        is_base64 = len(binascii.b2a_qp(data)) > len(base64.encodebytes(data))
        part = EmailMessage(policy=SMTP)
        part.set_content(text, subtype=subtype, cte="base64" if is_base64 else "quoted-printable")
        del part["MIME-Version"]
        return cls(tuple(ANY_MARK.split(text)), written, tuple(part.items()), is_base64)

    def text_with(self, values: Mapping[str, str]) -> str:
        """Return the text of one mail; marks inside a value are not replaced."""
        return "".join(
            self.written(values[NAMES[segment]]) if number % 2 else segment
            for number, segment in enumerate(self.segments)
        )

    def message_with(self, values: Mapping[str, str]) -> EmailMessage:
        """Return the part of one mail, encoded so that no line is too long or looks like the boundary."""
        part = EmailMessage(policy=SMTP)
        for name, value in self.headers:
            part[name] = value
        data = self.text_with(values).encode()
        part.set_payload((base64.encodebytes(data) if self.is_base64 else binascii.b2a_qp(data)).decode("ascii"))
        return part


@dataclass(frozen=True)
class Frame:
    """A mail with gaps for what differs from mail to mail.

    :param subject: as a ready header
    :param content_type: of the whole mail, as a header that was parsed once
    """

    subject: TextHeader
    content_type: str
    parts: tuple[Part, ...]

    def add_bodies(self, message: EmailMessage, values: Mapping[str, str]) -> None:
        """Add the plain text and the HTML of one mail to a message.

        :param values: one for each name in OWN
        """
        message["MIME-Version"] = "1.0"
        message["Content-Type"] = self.content_type
        for part in self.parts:
            message.attach(part.message_with(values))


@lru_cache(FRAMES_KEPT)
def frame_of(kind: MailKind, language: str, naming: Naming | None, news: News | Story = NO_NEWS) -> Frame:
    """Render the frame for mails of a kind, in a language, about a petition or with news; cached."""
    with translation.override(language):
        subject = subject_of(kind, naming, news)
        context = {**MARKS, "language": language, "naming": naming, "news": news, "subject": subject}
        context["site"] = _site(naming)
        if kind in UNASKED:
            del context["asked"]
        plain = render_to_string(f"mail/{TEMPLATES[kind]}.txt", context).strip() + "\n"
        rich = render_to_string(f"mail/{TEMPLATES[kind]}.html", context)
    return Frame(
        subject=TextHeader(subject, name="Subject"),
        # Neither base64 nor quoted-printable produces "=_".
        content_type=SMTP.header_factory(
            "Content-Type", f'multipart/alternative; boundary="=_{secrets.token_hex(16)}"'
        ),
        parts=(Part.of(plain, "plain", str), Part.of(rich, "html", escape)),
    )


def _site(naming: Naming | None) -> str:
    """Return what a mail calls the site; if it may not tell the cause, the host name, which stands in the links too."""
    return (settings.SITE_NAME if naming else "") or urlsplit(settings.SITE_ORIGIN).netloc


def subject_of(kind: MailKind, naming: Naming | None, news: News | Story = NO_NEWS) -> str:
    """Return the subject in the active language."""
    return render_to_string(f"mail/{TEMPLATES[kind]}_subject.txt", {"naming": naming, "news": news}).strip()
