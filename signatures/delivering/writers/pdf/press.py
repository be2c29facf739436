"""Typesets a document as PDF in a child process, whose memory is freed when it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from signatures.delivering.writers.pdf.contents import Content

CHILD = Path(__file__).with_name("typst_process.py")
CHUNK_BYTES = 1 << 16
DOCUMENT, SHEET, POSTER = "document", "sheet", "poster"


class PressError(Exception):
    """A document could not be typeset."""


def press(content: Content, made_at: datetime, template: str = DOCUMENT) -> Iterator[bytes]:
    """Yield the PDF in chunks; the same content and instant give the same bytes.

    Names go through pipes only, never through a file.

    :param content: the input of the template
    :param template: name of a .typ file beside this one
    :raises PressError: if it fails; the message quotes nothing of the content, which may be names
    """
    data = json.dumps(content, ensure_ascii=False).encode(errors="replace")
    command = [sys.executable, "-I", str(CHILD), str(int(made_at.timestamp())), template]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            yield from _chunks(child, data)
        finally:
            # The client may have gone away, or this process may be stopping while the child still works.
            child.kill()


def _chunks(child: subprocess.Popen[bytes], data: bytes) -> Iterator[bytes]:
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    try:
        # The child reads everything before it writes, so this cannot deadlock.
        with child.stdin as pipe:
            pipe.write(data)
    except BrokenPipeError:
        raise PressError("it ended before it had read everything") from None
    while chunk := child.stdout.read(CHUNK_BYTES):
        yield chunk
    if status := child.wait():
        raise PressError(f"it ended with status {status}")
