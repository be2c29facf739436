"""The state of the mail server as last seen by the workers, for use by web processes and admin."""

from __future__ import annotations

import hashlib
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FOLDER = "file"


class RelayFault(models.TextChoices):
    """Why the mail server does not accept mails, in our words for the operator, never in the server's."""

    UNREACHABLE = (
        "UNREACHABLE",
        _("The mail server cannot be reached. Check its name and port in EMAIL_URL, and whether it runs."),
    )
    SILENT = "SILENT", _("The mail server breaks off without a word, or does not answer in time.")
    BUSY = "BUSY", _("The mail server takes no mails for the moment: it says that it is busy or out of order.")
    TLS = (
        "TLS",
        _(
            "The mail server refuses us: no encrypted connection comes about. Check EMAIL_URL, the server's "
            "certificate, and MAIL_CA where its authority is not a public one."
        ),
    )
    LOGIN = (
        "LOGIN",
        _(
            "The mail server refuses us: it wants us to log in, or does not let us. Check user name and "
            "password in EMAIL_URL."
        ),
    )
    NAME = (
        "NAME",
        _(
            "The mail server refuses us: it does not accept the name by which we introduce ourselves. Set "
            "MAIL_HELO_NAME to this machine's full host name, and let its address lead back to that name "
            "(PTR)."
        ),
    )
    SENDER = (
        "SENDER",
        _(
            "The mail server refuses us: it takes no mails from the address in MAIL_SENDER. Check that it "
            "exists, and that the account may send as it."
        ),
    )
    PROOF = (
        "PROOF",
        _(
            "The mail server refuses us: the domain of MAIL_SENDER does not vouch for it. Check the domain's "
            "SPF, DKIM and DMARC records."
        ),
    )
    RELAYING = (
        "RELAYING",
        _(
            "The mail server refuses us: it passes on no mails for us to other domains. Let it know this "
            "machine, or have EMAIL_URL log in."
        ),
    )
    QUOTA = (
        "QUOTA",
        _(
            "The mail server refuses us: we have sent as many mails as it allows, or too many at once. Ask "
            "its operator for a higher limit; the mails go on by themselves once it lets us."
        ),
    )
    POLICY = (
        "POLICY",
        _(
            "The mail server refuses us by its policy: it takes our mails for unwanted ones, or has blocked "
            "our account or address. Ask its operator."
        ),
    )
    SIZE = (
        "SIZE",
        _("The mail server refuses us: it takes no mails as large as ours. Ask its operator for a higher limit."),
    )
    CONTENT = (
        "CONTENT",
        _("The mail server refuses us: it does not like the form or the words of our mails. Look at its log."),
    )
    COMMANDS = (
        "COMMANDS",
        _(
            "The mail server does not understand us. Check that EMAIL_URL leads to a mail server that takes "
            "mails of programs."
        ),
    )
    INTERNATIONAL = (
        "INTERNATIONAL",
        _(
            "The mail server cannot send to addresses with letters beyond a–z before the @ (it lacks "
            "SMTPUTF8), and some wait. Such addresses are not accepted any more."
        ),
    )
    UNCLEAR = (
        "UNCLEAR",
        _(
            "The mail server refuses mails and does not say clearly whether the address is wrong or we are. "
            "Look at its log."
        ),
    )


def relay_key() -> str:
    """Return a digest that identifies the mail server and the account there; the password is not part of it."""
    parts = urlsplit(settings.EMAIL_URL)
    port = "" if parts.port is None else str(parts.port)
    return hashlib.sha256(
        "\n".join((parts.scheme, parts.hostname or "", port, parts.username or "")).encode()
    ).hexdigest()


class RelayManager(models.Manager["Relay"]):
    """Queries for the row of the mail server in the settings."""

    def current(self) -> Relay | None:
        """Return its row, or None if no worker has used it yet."""
        return self.filter(key=relay_key()).first()

    def current_at(self) -> tuple[Relay, datetime]:
        """Return its row, created if necessary, and the current time by the database's clock."""
        rows = self.filter(key=relay_key()).annotate(read_at=TransactionNow())
        row = rows.first()
        if row is None:
            self.bulk_create([Relay(key=relay_key())], ignore_conflicts=True)
            row = rows.get()
        return row, row.read_at

    def takes_international(self) -> bool:
        """Return whether mails can be sent to addresses with non-ASCII letters before the @ (RFC 6531).

        False if unknown: if the form rejects an address, its owner can still enter another.
        """
        if urlsplit(settings.EMAIL_URL).scheme == FOLDER:
            return True
        return self.filter(key=relay_key(), speaks_utf8=True).exists()


class Relay(models.Model):
    """A mail server as workers found it, without data on any mail or person."""

    key = models.CharField(max_length=64, unique=True)
    # The last refusal that stopped the queue, until a mail is accepted; whether it came before any mail was offered.
    fault = models.CharField(max_length=13, blank=True, default="", db_default="")
    before_mails = models.BooleanField(default=False, db_default=False)
    # How many consecutive mails it refused, and how many times in a row the queue was stopped.
    refused_in_row = models.PositiveIntegerField(default=0, db_default=0)
    pauses = models.PositiveIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    # Since when the queue has been stopped, as the alerts know it; organisers are told once that is over.
    refuses_since = models.DateTimeField(null=True)
    speaks_utf8 = models.BooleanField(null=True)
    # How many consecutive mailboxes it reported as unknown at a large provider, by the provider's domain.
    unknown = models.JSONField(default=dict, db_default={})

    objects = RelayManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fault__in=["", *RelayFault.values]), name="relay_fault_known"),
        ]

    def __str__(self) -> str:
        """Return the label of its last refusal."""
        return self.fault
