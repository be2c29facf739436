"""What all mails of a kind and language have in common, made once: only what belongs to one mail is put in for each."""

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

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape

from signatures.mailing.text_header import TextHeader
from signatures.models.choices import MailKind

TEMPLATES = {MailKind.CONFIRM: "confirm", MailKind.MY_SIGNATURE: "my_signature"}
# Kinds times languages times petitions that mails name.
FRAMES_KEPT = 64
# What belongs to one mail. While a frame is made, marks stand for it that nobody can have written into a title: letters
# and digits, which no escaping changes, drawn anew in each process.
OWN = ("code", "link", "stop")
MARKS = {name: secrets.token_hex(16) for name in OWN}
NAMES = {mark: name for name, mark in MARKS.items()}
ANY_MARK = re.compile(f"({'|'.join(NAMES)})")


@dataclass(frozen=True)
class Naming:
    """What a mail names of a petition.

    :param title: on one line, shortened for a subject
    :param responsible_body: who answers for the petition, on one line
    """

    title: str
    responsible_body: str


@dataclass(frozen=True)
class Part:
    """The plain text of a mail, or its HTML, without what belongs to one mail alone.

    :param pieces: text and names of OWN in turns
    :param written: how a value is written into the text: HTML is escaped, as the template would have
    :param headers: as they stand in every such part, read once
    """

    pieces: tuple[str, ...]
    written: Callable[[str], str]
    headers: tuple[tuple[str, Any], ...]
    is_base64: bool

    @classmethod
    def of(cls, text: str, subtype: str, written: Callable[[str], str]) -> Part:
        """Take a text apart that has marks in it."""
        data = text.encode()
        # Half of the letters of Russian texts would take six bytes each.
        is_base64 = len(binascii.b2a_qp(data)) > len(base64.encodebytes(data))
        part = EmailMessage(policy=SMTP)
        part.set_content(text, subtype=subtype, cte="base64" if is_base64 else "quoted-printable")
        del part["MIME-Version"]
        return cls(tuple(ANY_MARK.split(text)), written, tuple(part.items()), is_base64)

    def text_with(self, values: Mapping[str, str]) -> str:
        """Return the text of a mail; no value is looked at for marks."""
        return "".join(
            self.written(values[NAMES[piece]]) if number % 2 else piece for number, piece in enumerate(self.pieces)
        )

    def message_with(self, values: Mapping[str, str]) -> EmailMessage:
        """Return the part of a mail, encoded so that no line is long and none looks like the boundary."""
        part = EmailMessage(policy=SMTP)
        for name, value in self.headers:
            part[name] = value
        data = self.text_with(values).encode()
        part.set_payload((base64.encodebytes(data) if self.is_base64 else binascii.b2a_qp(data)).decode("ascii"))
        return part


@dataclass(frozen=True)
class Frame:
    """A mail without what belongs to one mail alone.

    :param subject: as the header that it becomes
    :param content_type: of the whole mail, as a header that was read once
    """

    subject: TextHeader
    content_type: str
    parts: tuple[Part, ...]

    def add_bodies(self, message: EmailMessage, values: Mapping[str, str]) -> None:
        """Put the plain text and the HTML of one mail into a message.

        :param values: for each of OWN
        """
        message["MIME-Version"] = "1.0"
        message["Content-Type"] = self.content_type
        for part in self.parts:
            message.attach(part.message_with(values))


@lru_cache(FRAMES_KEPT)
def frame_of(kind: MailKind, language: str, naming: Naming | None) -> Frame:
    """Return the frame of the mails of a kind in a language that name this of a petition."""
    with translation.override(language):
        subject = subject_of(kind, naming)
        context = {**MARKS, "language": language, "naming": naming, "subject": subject}
        plain = render_to_string(f"mail/{TEMPLATES[kind]}.txt", context).strip() + "\n"
        rich = render_to_string(f"mail/{TEMPLATES[kind]}.html", context)
    return Frame(
        subject=TextHeader(subject, name="Subject"),
        # Neither of the two encodings has "=_" in it.
        content_type=SMTP.header_factory(
            "Content-Type", f'multipart/alternative; boundary="=_{secrets.token_hex(16)}"'
        ),
        parts=(Part.of(plain, "plain", str), Part.of(rich, "html", escape)),
    )


def subject_of(kind: MailKind, naming: Naming | None) -> str:
    """Return the subject in the language in use."""
    return render_to_string(f"mail/{TEMPLATES[kind]}_subject.txt", {"naming": naming}).strip()
