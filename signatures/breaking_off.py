"""Breaks off a file that is on its way once whoever asked for it may not have it any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing

from signatures.models.choices import StopReason

# How long a file goes on after the right to it was taken away; asking more often would slow it down.
SECONDS_BETWEEN_QUESTIONS = 1.0
Question = Callable[[], StopReason | None]


class BrokenOffError(Exception):
    """Whoever asked for the file may not have it any more; the client sees a transfer that ends before its time."""

    def __init__(self, reason: StopReason) -> None:
        """Remember why."""
        super().__init__(reason.value)
        self.reason = reason


def never() -> None:
    """Let a file of a command be sent to its end."""


def asking(chunks: Generator[bytes], stop: Question) -> Generator[bytes]:
    """Yield an empty chunk, then the chunks, and ask again before one is sent.

    :raises BrokenOffError: once there is a reason to stop
    """
    asked_at = time.monotonic()
    with closing(chunks):
        yield b""
        for chunk in chunks:
            if time.monotonic() - asked_at >= SECONDS_BETWEEN_QUESTIONS:
                reason = stop()
                if reason is not None:
                    raise BrokenOffError(reason)
                asked_at = time.monotonic()
            yield chunk
