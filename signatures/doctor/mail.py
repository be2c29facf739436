"""Mail: whether the relay lets us in, whether a mail goes out, whether the mailbox of bounces opens."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.mailing.bounce_mailbox import MAILBOX_ERRORS, opened, place_of
from signatures.mailing.bounce_warnings import bounce_warnings
from signatures.mailing.relaying import relay_warnings
from signatures.mailing.replies import RefusedError
from signatures.mailing.transports import open_transport

FOLDER = "file"
PLAIN = "smtp"
HERE = {"localhost", "127.0.0.1", "::1"}
SUBJECT = "Test"
TEXT = "This mail tests the way from the site to a mailbox. Nobody needs to answer.\n"
MEND_RELAY = "Mend EMAIL_URL, MAIL_CA or the relay; docs/operations.md says more under “What the mail server answers”."


def check_mail_server(options: Options) -> Iterator[Finding]:
    """Connect to the relay, encrypt, log in; send one mail if the operator asked for it."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == FOLDER:
        yield warn("Mails are written into a folder and reach nobody.", "Set EMAIL_URL to a mail server.")
        return
    if parts.scheme == PLAIN and (parts.hostname or "") not in HERE:
        yield wrong(
            "Mails go to the mail server without encryption: addresses of signers can be read on the way.",
            "Let EMAIL_URL begin with smtp+tls:// or smtp+ssl://.",
        )
    transport = open_transport()
    try:
        transport.greet()
        yield fine("The mail server lets the site in.")
        if options.send_mail:
            transport.send(_message(options.send_mail))
            yield fine("The mail server took a mail: look whether it arrives, and not among spam.")
    except RefusedError as refusal:
        code = f", code {refusal.code}" if refusal.code else ""
        with translation.override("en"):
            label = str(refusal.verdict.fault.label) if refusal.verdict.fault else "It refused the mail."
        yield wrong(f"{label} ({refusal.verdict.stage.name}{code})", MEND_RELAY)
    finally:
        transport.close()
    with translation.override("en"):
        waiting = relay_warnings()
    for sentence in waiting:
        yield wrong(f"Mails wait: {sentence}", MEND_RELAY)


def check_bounces(options: Options) -> Iterator[Finding]:
    """Open the mailbox of bounces, as a worker does, and leave everything in it."""
    if not settings.BOUNCE_URL:
        yield warn(
            "BOUNCE_URL is not set: unless a pipe counts them (count_bounce), nobody sees mails that come back, and"
            " their mailbox becomes a list of signers.",
            "Set BOUNCE_ADDRESS and BOUNCE_URL, or a pipe: docs/operations.md, “Mails that come back”.",
        )
        return
    try:
        with opened(place_of(settings.BOUNCE_URL)):
            yield fine("The mailbox of bounces opens.")
    except MAILBOX_ERRORS as error:
        yield wrong(
            f"The mailbox of bounces does not open ({type(error).__name__}): it fills with addresses of signers.",
            "Mend BOUNCE_URL: server, user, password and folder; BOUNCE_CA for a private authority.",
        )
        return
    for sentence in bounce_warnings():
        yield warn(sentence, "docs/operations.md says more under “Mails that come back”.")


def _message(address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.MAIL_SENDER
    message["To"] = address
    message["Subject"] = SUBJECT
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=settings.MAIL_SENDER.rpartition("@")[2])
    message.set_content(TEXT)
    return message
