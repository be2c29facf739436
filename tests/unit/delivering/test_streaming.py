"""Chunks of a list are made while the previous ones are being sent."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from signatures.delivering.streaming import one_ahead

CHUNKS = 5
SECONDS_MAX = 10


class Maker:
    """Generates numbers and records its progress."""

    def __init__(self, failing_at: int = CHUNKS + 1) -> None:
        """Start with nothing made."""
        self.failing_at = failing_at
        self.made = 0
        self.closed = False
        self.progress = threading.Condition()

    def chunks(self) -> Generator[int]:
        """Yield the numbers up to the last."""
        try:
            for number in range(1, CHUNKS + 1):
                if number == self.failing_at:
                    raise ConnectionError
                with self.progress:
                    self.made = number
                    self.progress.notify_all()
                yield number
        finally:
            self.closed = True

    def has_made(self, number: int) -> bool:
        """Wait until this many are made, and return whether they are."""
        with self.progress:
            return self.progress.wait_for(lambda: self.made >= number, SECONDS_MAX)


def test_chunks_come_in_order() -> None:
    assert list(one_ahead(Maker().chunks())) == [1, 2, 3, 4, 5]


def test_exactly_one_chunk_is_made_ahead() -> None:
    maker = Maker()
    chunks = one_ahead(maker.chunks())
    for number in range(1, CHUNKS):
        assert next(chunks) == number
        assert maker.has_made(number + 1)
        assert maker.made == number + 1
    assert list(chunks) == [CHUNKS]


@pytest.mark.parametrize("consumed", [1, 3, CHUNKS])
def test_closing_early_leaves_no_thread_and_nothing_open(consumed: int) -> None:
    before = threading.active_count()
    maker = Maker()
    chunks = one_ahead(maker.chunks())
    for _ in range(consumed):
        next(chunks)
    chunks.close()
    assert maker.closed
    assert threading.active_count() == before


def test_an_exception_is_raised_in_place_of_its_chunk() -> None:
    maker = Maker(failing_at=3)
    chunks = one_ahead(maker.chunks())
    assert [next(chunks), next(chunks)] == [1, 2]
    with pytest.raises(ConnectionError):
        next(chunks)
    assert maker.closed
