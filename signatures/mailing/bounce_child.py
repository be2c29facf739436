"""Classifies one bounce message, in a process of its own with limited time and memory.

Anyone can send us such a message. Some of the patterns that match the wording of mail servers take time quadratic in
the length of a line, and a message can be nested without end.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from email import message_from_bytes

from signatures.safeguarding.providers import provider_of

# The report comes before the mail that bounced: what is cut off is our own mail, or what nobody needs.
MESSAGE_BYTES_MAX = 256 * 1024
# The values of BounceKind in signatures.models.choices, which cannot be imported without Django.
PERMANENT, TEMPORARY, UNCLEAR = "PERMANENT", "TEMPORARY", "UNCLEAR"
CPU_SECONDS_MAX = 1
MEMORY_BYTES_MAX = 1 << 29


def main() -> None:
    """Write kind and provider of the message on standard input to standard output; a limit ends the process."""
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS_MAX),
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
    ):
        # Some systems cannot limit memory.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    kind, provider = found_in(sys.stdin.buffer.read(MESSAGE_BYTES_MAX))
    sys.stdout.write(f"{kind} {provider}\n")


def found_in(data: bytes) -> tuple[str, str]:
    """Return the kind of a bounce, and the large provider that sent it or an empty string.

    Each of our mails goes to one address, so one message stands for one mail: a report that names addresses at several
    providers is attributed to none of them.
    """
    # Imported here, so that importing this module for a constant does not load all patterns.
    from flufl.bounce import all_failures  # noqa: PLC0415

    try:
        temporary, permanent = all_failures(message_from_bytes(data))
        providers = {provider_of(address.decode("ascii", "replace")) for address in permanent or temporary}
    except Exception:  # noqa: BLE001 - whatever error a hostile message causes, it counts as unreadable
        return UNCLEAR, ""
    kind = PERMANENT if permanent else TEMPORARY if temporary else UNCLEAR
    return kind, providers.pop() if len(providers) == 1 else ""


if __name__ == "__main__":
    main()
