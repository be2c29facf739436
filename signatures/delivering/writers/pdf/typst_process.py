"""Child process: reads a document's content from standard input and writes it as PDF to standard output."""

from __future__ import annotations

import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent


def main() -> None:
    """Typeset standard input; the arguments are the document's timestamp in seconds since 1970, and the template."""
    document = typst.compile(
        HERE / sys.argv[2],
        root=HERE,
        format="pdf",
        font_paths=[HERE.parents[2] / "fonts"],
        # Fonts of the machine would make the bytes depend on it.
        ignore_system_fonts=True,
        sys_inputs={"content": sys.stdin.buffer.read().decode()},
        timestamp=int(sys.argv[1]),
    )
    sys.stdout.buffer.write(document)


if __name__ == "__main__":
    main()
