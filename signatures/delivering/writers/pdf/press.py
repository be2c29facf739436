"""Sets a document as PDF in a process of its own, which takes its memory with it when it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from signatures.delivering.writers.pdf.contents import Content

CHILD = Path(__file__).with_name("typst_process.py")
PIECE_BYTES = 1 << 16


class PressError(Exception):
    """A document could not be set."""


def press(content: Content, made_at: datetime) -> Iterator[bytes]:
    """Yield the PDF in pieces; the same content and instant give the same bytes.

    Names go through pipes alone, never through a file.

    :param content: what document.typ reads
    :raises PressError: without words of the content, which may be names
    """
    data = json.dumps(content, ensure_ascii=False).encode(errors="replace")
    command = [sys.executable, "-I", str(CHILD), str(int(made_at.timestamp()))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            yield from _pieces(child, data)
        finally:
            # Where the taker goes away, or this process is told to stop while the other still works.
            child.kill()


def _pieces(child: subprocess.Popen[bytes], data: bytes) -> Iterator[bytes]:
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    try:
        # The child reads all before it writes anything.
        with child.stdin as pipe:
            pipe.write(data)
    except BrokenPipeError:
        raise PressError("it ended before it had read everything") from None
    while piece := child.stdout.read(PIECE_BYTES):
        yield piece
    if status := child.wait():
        raise PressError(f"it ended with status {status}")
