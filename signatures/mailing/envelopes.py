"""What stands, encrypted, on a mail that waits: where it goes, and which sender asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from signatures.safeguarding.encryption import decrypt, encrypt

# No address holds it.
BETWEEN = "\n"


@dataclass(frozen=True)
class Envelope:
    """Where a mail goes, and the mark of its sender.

    :param sender: one of few marks of networks, or an empty string
    """

    address: str
    sender: str

    def seal(self) -> bytes:
        """Return it under the newest key: one text, so that encrypting both takes no longer than one."""
        return encrypt(f"{self.address}{BETWEEN}{self.sender}")


def open_envelope(data: bytes | memoryview) -> Envelope:
    """Return what was sealed; mails from before senders were told apart have an address alone.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    address, _, sender = decrypt(data).partition(BETWEEN)
    return Envelope(address, sender)
