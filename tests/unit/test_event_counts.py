"""Events of many processes and threads are counted exactly, whatever becomes of the processes."""

from __future__ import annotations

import os
import threading

from signatures.event_counts import SharedCounts

AMOUNT = 5_000


def in_processes(counts: SharedCounts, rows: list[int]) -> None:
    """Let a process for each row count at the same time, in two threads."""

    def count() -> None:
        for _ in range(AMOUNT):
            counts.add(7)

    children = []
    for row in rows:
        child = os.fork()
        if child == 0:
            counts.row = row
            threads = [threading.Thread(target=count) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(rows)


def test_processes_and_threads_lose_no_event() -> None:
    counts = SharedCounts()
    counts.reserve(4)
    rows: list[int] = []
    for _ in range(4):
        rows.append(counts.next_row(rows))
    assert rows == [0, 1, 2, 3]
    in_processes(counts, rows)
    assert counts.totals(range(6, 9)) == [0, 8 * AMOUNT, 0]


def test_a_process_goes_on_where_a_dead_one_was() -> None:
    counts = SharedCounts()
    counts.reserve(3)
    for row in (0, 1):
        assert counts.next_row(range(row)) == row
    in_processes(counts, [0, 1])
    assert counts.next_row([0]) == 1
    in_processes(counts, [1])
    assert counts.totals(range(7, 8)) == [6 * AMOUNT]


def test_beyond_the_reserve_processes_share_the_last_row() -> None:
    counts = SharedCounts()
    counts.reserve(2)
    assert [counts.next_row({0, 1}), counts.next_row({0, 1, 2})] == [1, 1]


def test_reserving_again_keeps_what_was_counted() -> None:
    counts = SharedCounts()
    counts.reserve(2)
    counts.add(7)
    counts.reserve(2)
    assert counts.totals(range(7, 8)) == [1]
