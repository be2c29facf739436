"""Renders mails as text and HTML; they name the petition only if its protection allows, and the signer never."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import cast

from django.conf import settings
from django.urls import reverse

from signatures import tokens
from signatures.languages import offered
from signatures.links import absolute
from signatures.mailing.alert_words import news_in
from signatures.mailing.envelopes import open_envelope
from signatures.mailing.frames import Frame, Naming, frame_of
from signatures.mailing.unsubscribing import POLICY, offer_one_click
from signatures.models import AlertNews, AlertWish, OutgoingMail, TextVersion
from signatures.models.choices import MailKind
from signatures.models.protection import ProtectionRules
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


@dataclass(frozen=True)
class Letter:
    """What differs between mails to signers and mails to organisers.

    :param own: the values for the gaps of the frame
    :param rules: of the petition, or None for mails to organisers
    """

    frame: Frame
    own: dict[str, str]
    rules: ProtectionRules | None


def render_mail(row: OutgoingMail) -> EmailMessage:
    """Render the message of an outbox row, with the same Message-ID on each attempt (RFC 5322, RFC 3834)."""
    kind = MailKind(row.kind)
    address = open_envelope(row.address_encrypted).address
    # The site may have dropped this language since the mail was requested: the links must lead to existing pages.
    language = offered(row.language)
    letter = (
        _to_signer(row, row.petition_id, address, language)
        if row.petition_id is not None
        else _to_organiser(row, address, language)
    )
    message = EmailMessage(policy=POLICY)
    message["Subject"] = letter.frame.subject
    message["From"] = settings.MAIL_SENDER
    message["To"] = address
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{row.message_id}@{settings.MAIL_SENDER.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    if letter.rules is not None:
        offer_one_click(message, kind=kind, rules=letter.rules, stop=letter.own["stop"])
    letter.frame.add_bodies(message, letter.own | {"asked": f"{row.created_at.astimezone(UTC):%H:%M}"})
    return message


def _to_signer(row: OutgoingMail, petition_id: int, address: str, language: str) -> Letter:
    kind, secret = MailKind(row.kind), decrypt(row.secret_encrypted)
    view, argument = ("confirm", "code") if kind == MailKind.CONFIRM else ("my_signature", "token")
    version = TextVersion.objects.newest_of(petition_id)
    own = {
        "code": secret,
        "link": absolute(reverse(view, kwargs={"language": language, argument: secret})),
        "stop": _stop_link(address, language),
    }
    return Letter(frame_of(kind, language, naming_of(version, language)), own, version.rules)


def _stop_link(address: str, language: str) -> str:
    token = tokens.no_mail_token(mail_key(canonical_address(address)))
    return absolute(reverse("no_mail", kwargs={"language": language, "token": token}))


def _to_organiser(row: OutgoingMail, address: str, language: str) -> Letter:
    """Return an alert with its news, or the mail with the code that confirms an organiser's address."""
    if row.kind == MailKind.ALERT_CHECK:
        own = {
            "code": decrypt(row.secret_encrypted),
            "link": absolute(reverse("admin:alerts")),
            "stop": _stop_link(address, language),
        }
        return Letter(frame_of(MailKind.ALERT_CHECK, language, None), own, None)
    rows = list(AlertNews.objects.filter(mail=row.message_id).order_by("pk"))
    mark = AlertWish.objects.values_list("mark", flat=True).get(pk=cast("int", row.wish_id))
    own = {
        "code": "",
        "link": absolute(reverse("admin:index")),
        "stop": absolute(reverse("no_alerts", kwargs={"language": language, "token": tokens.no_alerts_token(mark)})),
    }
    news = news_in(rows, language, lambda pk: naming_of(TextVersion.objects.newest_of(pk), language))
    return Letter(frame_of(MailKind.ALERT, language, None, news), own, None)
