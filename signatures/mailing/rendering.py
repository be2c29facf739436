"""Renders mails as text and HTML; they name the petition only if its protection allows, and the signer never."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.urls import reverse

from signatures import tokens
from signatures.languages import offered
from signatures.links import absolute
from signatures.mailing.envelopes import open_envelope
from signatures.mailing.frames import Naming, frame_of
from signatures.mailing.unsubscribing import POLICY, offer_one_click
from signatures.models import OutgoingMail, TextVersion
from signatures.models.choices import MailKind
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import decrypt
from signatures.safeguarding.keys import mail_key

# Mail programs show about sixty characters of a subject, and lines are folded at 78 (RFC 5322).
TITLE_LENGTH_MAX = 100


def naming_of(version: TextVersion, language: str) -> Naming | None:
    """Return what mails say about a petition, by this text version, or None if its protection forbids naming it."""
    if not version.rules.mails_name_petition:
        return None
    body = version.body_in(language)
    title = _on_one_line(body.title)
    if len(title) > TITLE_LENGTH_MAX:
        title = title[: TITLE_LENGTH_MAX - 1].rstrip() + "…"
    return Naming(title, _on_one_line(body.responsible_body))


def _on_one_line(text: str) -> str:
    """Replace line ends and control characters by spaces: the text goes into a mail header."""
    seen = "".join(" " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character for character in text)
    return " ".join(seen.split())


def render_mail(row: OutgoingMail) -> EmailMessage:
    """Render the message of an outbox row, with the same Message-ID on each attempt (RFC 5322, RFC 3834)."""
    kind = MailKind(row.kind)
    secret = decrypt(row.secret_encrypted)
    address = open_envelope(row.address_encrypted).address
    view, argument = ("confirm", "code") if kind == MailKind.CONFIRM else ("my_signature", "token")
    stop_token = tokens.no_mail_token(mail_key(canonical_address(address)))
    version = TextVersion.objects.newest_of(row.petition_id)
    # The site may have dropped this language since the mail was requested: the links must lead to existing pages.
    language = offered(row.language)
    naming = naming_of(version, language)
    own = {
        "code": secret,
        "link": absolute(reverse(view, kwargs={"language": language, argument: secret})),
        "stop": absolute(reverse("no_mail", kwargs={"language": language, "token": stop_token})),
    }
    frame = frame_of(kind, language, naming)
    message = EmailMessage(policy=POLICY)
    message["Subject"] = frame.subject
    message["From"] = settings.MAIL_SENDER
    message["To"] = address
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{row.message_id}@{settings.MAIL_SENDER.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    offer_one_click(message, kind=kind, rules=version.rules, stop=own["stop"])
    frame.add_bodies(message, own)
    return message
