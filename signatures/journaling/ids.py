"""Which journal a file is of: each machine's has a random id, which stands in the names of its files."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

ID_FILE = "id"
ID_BYTES = 8
# A file is called by its day, which has two hyphens, the journal, and something random.
PLACE_IN_NAME = 3


def journal_id(folder: Path) -> str:
    """Return the id of the journal that is written in a folder; whoever asks first gives it one.

    :raises OSError: if there is none, and none can be made
    """
    path = folder / ID_FILE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = secrets.token_hex(ID_BYTES)
        unfinished = folder / f".{made}"
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(made + "\n")
                file.flush()
                os.fsync(file.fileno())
            # Of several processes that begin at once, one gives the id.
            with suppress(FileExistsError):
                path.hardlink_to(unfinished)
        finally:
            unfinished.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def journal_id_in(file_name: str) -> str:
    """Return the id of the journal that a file belongs to, wherever it was copied; empty if its name is not ours."""
    parts = file_name.split("-")
    return parts[PLACE_IN_NAME] if len(parts) == PLACE_IN_NAME + 2 else ""
