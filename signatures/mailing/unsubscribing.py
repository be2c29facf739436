"""Adds the headers for one-click unsubscribing to confirmation mails and news (RFC 2369, RFC 8058)."""

from __future__ import annotations

from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy

from django.conf import settings

from signatures.models.choices import MailKind
from signatures.models.protection import ProtectionRules

HEADER = "List-Unsubscribe"
OFFERING = {MailKind.CONFIRM, MailKind.NEWS_CHECK, MailKind.NEWS}


class OneLineHeader(UnstructuredHeader, BaseHeader):
    """A header for a URL, never folded: Python would encode the URL to fold it, and no mail program could read it."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as one line."""
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    registry.map_to_type(HEADER.lower(), OneLineHeader)
    return SMTP.clone(header_factory=registry)


POLICY = _policy()


def offer_one_click(message: EmailMessage, *, kind: MailKind, rules: ProtectionRules, stop: str) -> None:
    """Add the two headers to a confirmation mail, or to news, if the petition's protection allows it.

    Mails with a my-signature link get none: such a link can be requested as long as there are signatures, so a promise
    to stop these mails could not be kept.

    :param message: created with POLICY
    :param stop: the URL of the page with the button, which the mail's text links, too
    """
    # RFC 8058 requires an https URL; a local trial has none.
    if kind in OFFERING and rules.mails_offer_one_click and settings.SITE_ORIGIN.startswith("https://"):
        message[HEADER] = f"<{stop}>"
        message[f"{HEADER}-Post"] = f"{HEADER}=One-Click"
