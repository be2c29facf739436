"""Run by itself: reads the content of a document, and writes it as PDF."""

from __future__ import annotations

import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent


def main() -> None:
    """Set what comes in, as of the instant that is given in seconds since 1970."""
    document = typst.compile(
        HERE / "document.typ",
        root=HERE,
        format="pdf",
        font_paths=[HERE.parents[2] / "fonts"],
        # Other machines' fonts would make other bytes.
        ignore_system_fonts=True,
        sys_inputs={"content": sys.stdin.buffer.read().decode()},
        timestamp=int(sys.argv[1]),
    )
    sys.stdout.buffer.write(document)


if __name__ == "__main__":
    main()
