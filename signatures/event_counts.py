"""Counts events of all processes of the web server, in memory that they share.

The memory is reserved before the server forks, and belongs to no file: nothing is left behind by a process that dies,
and nothing is to be cleaned up. Each process adds in a row of its own, so that none waits for another; a process that
takes the place of a dead one goes on in its row, so that sums never fall while the server runs.
"""

from __future__ import annotations

import mmap
import threading
from collections.abc import Collection

# Numbers in a row. What counts where is up to those who count; each has its own part.
LIMIT_SLOTS = range(64)
SECONDS_SLOTS = range(64, 128)
REQUEST_SLOTS = range(128, 16_384)
SLOTS = REQUEST_SLOTS.stop
SLOT_BYTES = 8


class SharedCounts:
    """Rows of unsigned integers in shared memory; only rows that were taken use any."""

    def __init__(self) -> None:
        """Reserve one row, for a process that does not fork."""
        self._lock = threading.Lock()
        self.row = self.rows = 0
        self.reserve(1)

    def reserve(self, rows: int) -> None:
        """Make room for so many processes; what was counted is kept if there is enough already.

        Called before the first fork, and when the server reads its configuration again.
        """
        if rows > self.rows:
            self.rows = rows
            # The first number says how many rows were ever taken.
            self._numbers = memoryview(mmap.mmap(-1, (rows * SLOTS + 1) * SLOT_BYTES)).cast("Q")
            self._numbers[0] = 1

    def next_row(self, taken: Collection[int]) -> int:
        """Return the first row that no process uses, and note that it will be used; called by the parent alone.

        :param taken: rows of the processes that run
        """
        # Beyond the reserve processes share the last row, where some events may get lost.
        row = next((row for row in range(self.rows) if row not in taken), self.rows - 1)
        self._numbers[0] = max(self._numbers[0], row + 1)
        return row

    def add(self, slot: int, amount: int = 1) -> None:
        """Count an event of this process."""
        with self._lock:
            self._numbers[1 + self.row * SLOTS + slot] += amount

    def totals(self, slots: range) -> list[int]:
        """Return the sums over all processes, past ones included, for a part of the slots."""
        sums = [0] * len(slots)
        for row in range(self._numbers[0]):
            begin = 1 + row * SLOTS
            part = self._numbers[begin + slots.start : begin + slots.stop]
            if any(part):
                sums = [before + more for before, more in zip(sums, part, strict=True)]
        return sums


counts = SharedCounts()
