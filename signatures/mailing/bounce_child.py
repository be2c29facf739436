"""Reads one message that came back, in a process of its own that may neither take long nor much memory.

Anyone can send us such a message. Some of the patterns that know the sentences of mail servers take the square of a
line's length, and a message can be nested without end.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from email import message_from_bytes

from signatures.safeguarding.providers import provider_of

# The report stands before the mail that came back: what is cut off is our own mail, or what nobody needs.
MESSAGE_BYTES_MAX = 256 * 1024
# The kinds of signatures.models.choices, which Django alone can load.
PERMANENT, TEMPORARY, UNCLEAR = "PERMANENT", "TEMPORARY", "UNCLEAR"
CPU_SECONDS_MAX = 1
MEMORY_BYTES_MAX = 1 << 29


def main() -> None:
    """Write kind and provider of the message that comes in; a limit ends the process."""
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS_MAX),
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
    ):
        # Some systems have no limit of memory.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    kind, provider = found_in(sys.stdin.buffer.read(MESSAGE_BYTES_MAX))
    sys.stdout.write(f"{kind} {provider}\n")


def found_in(data: bytes) -> tuple[str, str]:
    """Return the kind of a bounce, and the large provider or an empty string.

    Each of our mails goes to one address, so that one message is one mail: a report on addresses at several providers
    is nobody's in particular.
    """
    # Whoever wants a number of this module need not load all patterns.
    from flufl.bounce import all_failures  # noqa: PLC0415

    try:
        temporary, permanent = all_failures(message_from_bytes(data))
        providers = {provider_of(address.decode("ascii", "replace")) for address in permanent or temporary}
    except Exception:  # noqa: BLE001 - whatever a hostile message brings about, it is one that cannot be read
        return UNCLEAR, ""
    kind = PERMANENT if permanent else TEMPORARY if temporary else UNCLEAR
    return kind, providers.pop() if len(providers) == 1 else ""


if __name__ == "__main__":
    main()
