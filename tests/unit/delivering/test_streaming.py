"""Pieces of a list that are made while the ones before them are on their way."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from signatures.delivering.streaming import one_ahead

PIECES = 5
SECONDS_MAX = 10


class Maker:
    """Makes numbers and tells how far it has come."""

    def __init__(self, failing_at: int = PIECES + 1) -> None:
        """Begin with nothing made."""
        self.failing_at = failing_at
        self.made = 0
        self.closed = False
        self.progress = threading.Condition()

    def pieces(self) -> Generator[int]:
        """Yield the numbers up to the last."""
        try:
            for number in range(1, PIECES + 1):
                if number == self.failing_at:
                    raise ConnectionError
                with self.progress:
                    self.made = number
                    self.progress.notify_all()
                yield number
        finally:
            self.closed = True

    def has_made(self, number: int) -> bool:
        """Wait until so many are made."""
        with self.progress:
            return self.progress.wait_for(lambda: self.made >= number, SECONDS_MAX)


def test_chunks_come_in_order() -> None:
    assert list(one_ahead(Maker().pieces())) == [1, 2, 3, 4, 5]


def test_exactly_one_chunk_is_made_ahead() -> None:
    maker = Maker()
    pieces = one_ahead(maker.pieces())
    for number in range(1, PIECES):
        assert next(pieces) == number
        assert maker.has_made(number + 1)
        assert maker.made == number + 1
    assert list(pieces) == [PIECES]


@pytest.mark.parametrize("taken", [1, 3, PIECES])
def test_closing_early_leaves_no_thread_and_nothing_open(taken: int) -> None:
    before = threading.active_count()
    maker = Maker()
    pieces = one_ahead(maker.pieces())
    for _ in range(taken):
        next(pieces)
    pieces.close()
    assert maker.closed
    assert threading.active_count() == before


def test_an_exception_is_raised_in_place_of_its_chunk() -> None:
    maker = Maker(failing_at=3)
    pieces = one_ahead(maker.pieces())
    assert [next(pieces), next(pieces)] == [1, 2]
    with pytest.raises(ConnectionError):
        next(pieces)
    assert maker.closed
