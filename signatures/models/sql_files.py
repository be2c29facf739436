"""Read the files of SQL that lie beside the code that relies on them."""

from __future__ import annotations

from pathlib import Path

from django.db.migrations import RunSQL

FOLDER = Path(__file__).resolve().parents[1]
REVERSE = "\n-- reverse\n"


def run_sql_file(name: str) -> RunSQL:
    """Return the operation of a migration that runs a file, and backwards what stands below its line ``-- reverse``.

    :param name: of the file, from the folder of the app
    :raises ValueError: if the file does not say how to take it back
    """
    forwards, _, backwards = (FOLDER / name).read_text(encoding="utf-8").partition(REVERSE)
    if not backwards.strip():
        message = f"{name} has no part that reverses it."
        raise ValueError(message)
    return RunSQL(forwards, backwards)
