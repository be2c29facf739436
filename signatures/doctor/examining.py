"""Runs checks one after the other, each within its time: none can stop the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from django.db import Error, connection

from signatures.doctor.findings import Check, Finding, Level, Options, warn, wrong
from signatures.outages import is_outage, refusal_of

# For one check; what waits for a network gives up by itself before.
SECONDS_MAX = 60.0


def examine(check: Check, options: Options, seconds: float = SECONDS_MAX) -> list[Finding]:
    """Return what a check finds, and what kept it from finding more.

    :param seconds: after which the check is left alone
    """
    found: list[Finding] = []

    def run() -> None:
        try:
            found.extend(_found(check, options))
        finally:
            connection.close()

    # A check that hangs must not keep the command from ending.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return [
            *found,
            warn(
                f"This check took longer than {seconds:.0f} seconds and was given up.",
                "Run it alone with --only, when the site is less busy.",
            ),
        ]
    return found


def _found(check: Check, options: Options) -> Iterator[Finding]:
    try:
        yield from check(options)
    except Error as error:
        kind = type(error.__cause__ or error).__name__
        why = refusal_of(error)
        yield wrong(
            f"The database did not answer ({kind}{f': {why}' if why else ''}).",
            "Mend DATABASE_URL, or start PostgreSQL, or run the migrations; then run the doctor again.",
        )
    except Exception as error:  # noqa: BLE001 - whatever one check stumbles over, the others are of use
        if is_outage(error) or isinstance(error, OSError):
            yield wrong(
                f"Something that this check needs did not answer ({type(error).__name__}).",
                "Mend it and run the doctor again.",
            )
            return
        # Its message may quote a setting.
        yield wrong(
            f"This check failed by itself ({type(error).__name__}).",
            "That is a fault of the doctor: please report it with the version of the site.",
        )


def is_well(findings: list[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return all(finding.level != Level.WRONG for finding in findings)
