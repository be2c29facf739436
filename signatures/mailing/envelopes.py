"""The encrypted data of a queued mail: its address, and the mark of the sender who asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from signatures.safeguarding.encryption import decrypt, encrypt

# No address contains it.
BETWEEN = "\n"


@dataclass(frozen=True)
class Envelope:
    """The address of a mail, and a mark of the network it was requested from.

    :param sender: one of a few network marks, or an empty string
    """

    address: str
    sender: str

    def seal(self) -> bytes:
        """Encrypt it under the newest key, as one text: encrypting two would take twice as long."""
        return encrypt(f"{self.address}{BETWEEN}{self.sender}")


def open_envelope(data: bytes | memoryview) -> Envelope:
    """Decrypt a sealed envelope; mails from before network marks were introduced have only an address.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    address, _, sender = decrypt(data).partition(BETWEEN)
    return Envelope(address, sender)
