"""The clocks of this machine and of the database: codes of apps and the ends of petitions go by them."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator

from signatures.doctor.findings import Finding, Options, fine, rows, warn, wrong

WARN_SECONDS = 2.0
# Codes of apps are taken for half a minute more.
WRONG_SECONDS = 30.0
SYNCHRONISE = "Install and start a time service on both machines: apt install systemd-timesyncd or chrony."
# The kernel's struct timex is smaller; with its first field 0 nothing is changed, and 5 means unsynchronised.
TIMEX_BYTES = 512
TIME_ERROR = 5


def check_clock(options: Options) -> Iterator[Finding]:
    """Compare the database's clock with this machine's, and ask the kernel whether anything sets it."""
    before = time.time()
    [(theirs,)] = rows("SELECT extract(epoch FROM clock_timestamp())::float8")
    after = time.time()
    # What the question took is nobody's error.
    apart = max(before - theirs, theirs - after, 0.0)
    if apart > WRONG_SECONDS:
        yield wrong(f"The clocks of this machine and of the database are {apart:.0f} seconds apart.", SYNCHRONISE)
    elif apart > WARN_SECONDS:
        yield warn(f"The clocks of this machine and of the database are {apart:.0f} seconds apart.", SYNCHRONISE)
    else:
        yield fine("The clocks of this machine and of the database agree.")
    state = _state_of_clock()
    if state == TIME_ERROR:
        yield warn("Nothing sets the clock of this machine.", SYNCHRONISE)
    elif state < 0:
        yield warn(
            "It cannot be found out here whether anything sets the clock of this machine.", "timedatectl says it."
        )


def _state_of_clock() -> int:
    """Return what the kernel says of its clock (adjtimex(2)), or -1 if it may not be asked."""
    try:
        adjtimex = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return -1
    return int(adjtimex(ctypes.create_string_buffer(TIMEX_BYTES)))
