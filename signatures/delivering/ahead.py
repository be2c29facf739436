"""Makes the next piece while the one before it is on its way."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

Piece = TypeVar("Piece")


def one_ahead(pieces: Generator[Piece]) -> Generator[Piece]:
    """Yield pieces that a thread makes, one more than was asked for; the thread ends with the last, or on closing."""
    # The thread ends before the pieces are closed: nobody may close what is still being made.
    with closing(pieces), ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = maker.submit(next, pieces, None)
            yield piece
