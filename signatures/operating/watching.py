"""The worker's part of telling the operator: looks what is amiss, sends mails about it, and gives signs of life."""

from __future__ import annotations

from django.conf import settings

from signatures.mailing.transports import Transport
from signatures.models.operating import TroubleKind
from signatures.operating.certificate import CertificateWatch
from signatures.operating.pinging import Pinger
from signatures.operating.telling import tell_operator
from signatures.operating.troubles import find_troubles, is_in_trouble, note_troubles


class OperatorWatch:
    """Looks every minute; it reads a few rows, whatever the site holds."""

    def __init__(self) -> None:
        """Set up the pinger, without sending anything."""
        self.pinger = Pinger()
        self.certificate = CertificateWatch()
        # What was amiss at the last look.
        self.found: dict[TroubleKind, list[str]] = {}

    def look(self, transport: Transport) -> None:
        """Store what is amiss, tell the operator what is due, and send a sign of life, or one of failure."""
        self.found = find_troubles()
        if sentences := self.certificate.look():
            self.found[TroubleKind.CERTIFICATE] = sentences
        note_troubles(self.found)
        tell_operator(self.found, transport)
        if settings.OPERATOR_PING_URL:
            self.pinger.ping(is_fine=not is_in_trouble())
