"""Lets a mail program offer to stop confirmation mails by one press (RFC 2369, RFC 8058)."""

from __future__ import annotations

from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy

from django.conf import settings

from signatures.models.choices import MailKind
from signatures.models.protection import ProtectionRules

HEADER = "List-Unsubscribe"


class OneLineHeader(UnstructuredHeader, BaseHeader):
    """A header whose value is an address of the web: folded, Python would encode it, and no program would know it."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as one line."""
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    registry.map_to_type(HEADER.lower(), OneLineHeader)
    return SMTP.clone(header_factory=registry)


POLICY = _policy()


def offer_one_click(message: EmailMessage, *, kind: MailKind, rules: ProtectionRules, stop: str) -> None:
    """Add the two headers to a confirmation mail where the petition's protection lets it.

    A link to one's signature has none: it can be asked for as long as there are signatures, so that stopping it would
    be promised in vain.

    :param message: made with POLICY
    :param stop: the address whose button the mail's text names, too
    """
    # RFC 8058 asks for an encrypted address; a trial start has none.
    if kind == MailKind.CONFIRM and rules.mails_offer_one_click and settings.SITE_ORIGIN.startswith("https://"):
        message[HEADER] = f"<{stop}>"
        message[f"{HEADER}-Post"] = f"{HEADER}=One-Click"
