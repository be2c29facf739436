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
from signatures.languages import language_with, offered, text_in
from signatures.links import absolute, petition_url
from signatures.mailing.alert_words import news_in
from signatures.mailing.envelopes import open_envelope
from signatures.mailing.frames import Frame, Naming, Story, frame_of
from signatures.mailing.unsubscribing import POLICY, offer_one_click
from signatures.models import AlertNews, AlertWish, NewsSubscriber, OutgoingMail, TextVersion, Update
from signatures.models.choices import MailKind
from signatures.models.protection import ProtectionRules
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import decrypt
from signatures.safeguarding.keys import mail_key
from signatures.texts.html_printer import render_markdown
from signatures.texts.plain_printer import plain_text

# Mail programs show about sixty characters of a subject, and lines are folded at 78 (RFC 5322).
TITLE_LENGTH_MAX = 100
# The page that the link in a mail with a secret leads to, by the name of its address and of its parameter.
PAGES = {
    MailKind.CONFIRM: ("confirm", "code"),
    MailKind.MY_SIGNATURE: ("my_signature", "token"),
    MailKind.NEWS_CHECK: ("confirm_news", "token"),
}


def naming_of(version: TextVersion, language: str) -> Naming | None:
    """Return what mails say about a petition, by this text version, or None if its protection forbids naming it."""
    if not version.rules.mails_name_petition:
        return None
    body = version.body_in(language)
    return Naming(_shortened(body.title), _on_one_line(body.responsible_body))


def _shortened(title: str) -> str:
    title = _on_one_line(title)
    return title if len(title) <= TITLE_LENGTH_MAX else title[: TITLE_LENGTH_MAX - 1].rstrip() + "…"


def _on_one_line(text: str) -> str:
    """Replace line ends and control characters by spaces: the text goes into a mail header."""
    seen = "".join(" " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character for character in text)
    return " ".join(seen.split())


@dataclass(frozen=True)
class Letter:
    """What differs between mails to signers, with news and to organisers.

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
    if row.petition_id is None:
        letter = _to_organiser(row, address, language)
    elif row.subscriber_id is None:
        letter = _to_signer(row, row.petition_id, address, language)
    else:
        letter = _with_news(row, row.petition_id, row.subscriber_id, language)
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
    view, argument = PAGES[kind]
    version = TextVersion.objects.newest_of(petition_id)
    own = {
        "code": secret,
        "link": absolute(reverse(view, kwargs={"language": language, argument: secret})),
        "stop": _stop_link(address, language),
    }
    return Letter(frame_of(kind, language, naming_of(version, language)), own, version.rules)


def _with_news(row: OutgoingMail, petition_id: int, subscriber_id: int, language: str) -> Letter:
    """Return a news item as readers see it at this moment, with a link that ends such mails to this address."""
    version = TextVersion.objects.newest_of(petition_id)
    update = Update.objects.filter(pk=cast("int", row.update_id)).select_related("petition").get()
    mark = NewsSubscriber.objects.values_list("mark", flat=True).get(pk=subscriber_id)
    body = text_in(update, "body", language)
    story = Story(
        title=_shortened(text_in(update, "title", language)),
        language=language_with(update, "title", language),
        plain=plain_text(body),
        html=render_markdown(body),
    )
    own = {
        "code": "",
        "link": absolute(petition_url("updates", language, update.petition.slug)),
        "stop": absolute(reverse("no_news", kwargs={"language": language, "token": tokens.no_news_token(mark)})),
    }
    return Letter(frame_of(MailKind.NEWS, language, naming_of(version, language), story), own, version.rules)


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
