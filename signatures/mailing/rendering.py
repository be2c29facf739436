"""Makes the mails: plain text and HTML, neutral sender and subject, naming neither petition nor signer."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from signatures import tokens
from signatures.links import absolute
from signatures.models import OutgoingMail
from signatures.models.choices import MailKind
from signatures.safeguarding.encryption import decrypt

TEMPLATES = {MailKind.CONFIRM: "confirm", MailKind.MY_SIGNATURE: "my_signature"}


def subject_of(kind: MailKind) -> str:
    """Return the subject in the language in use."""
    return render_to_string(f"mail/{TEMPLATES[kind]}_subject.txt").strip()


def render_mail(row: OutgoingMail) -> EmailMessage:
    """Return the message of a row of the outbox, its Message-ID the same each time (RFC 5322, RFC 3834)."""
    kind = MailKind(row.kind)
    secret = decrypt(row.secret_encrypted)
    view, argument = ("confirm", "code") if kind == MailKind.CONFIRM else ("my_signature", "token")
    stop_token = tokens.no_mail_token(bytes(row.mail_key))
    context = {
        "code": secret,
        "link": absolute(reverse(view, kwargs={"language": row.language, argument: secret})),
        "stop": absolute(reverse("no_mail", kwargs={"language": row.language, "token": stop_token})),
        "language": row.language,
    }
    message = EmailMessage(policy=SMTP)
    with translation.override(row.language):
        message["Subject"] = subject_of(kind)
        message["From"] = settings.MAIL_SENDER
        message["To"] = decrypt(row.address_encrypted)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{row.message_id}@{settings.MAIL_SENDER.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(render_to_string(f"mail/{TEMPLATES[kind]}.txt", context).strip() + "\n")
        message.add_alternative(render_to_string(f"mail/{TEMPLATES[kind]}.html", context), subtype="html")
        # Set earlier, it would have gone down into the first part.
        message["Content-Language"] = row.language
    return message
