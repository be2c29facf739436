"""Generates the secrets of a local start once, and stores them in a file that only its owner can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from petition_site.new_secrets import MAKERS as OF_THE_SITE
from petition_site.new_secrets import line, read_settings_file, secret, write_settings_file

POSTGRES_SECRET = "POSTGRES_SECRET"  # noqa: S105 - a name, of the secret for the embedded server's passwords
HEADER = (
    "# Made at the first start. Whoever has this file can read what the database keeps encrypted;\n"
    "# without it nobody can. Back it up apart from the database.\n"
)
MAKERS: Mapping[str, Callable[[], str]] = {**OF_THE_SITE, POSTGRES_SECRET: secret}


def load_secrets(path: Path) -> dict[str, str]:
    """Return the secrets in a file by name, after generating those that are missing.

    :raises OSError: if the file cannot be read or written
    """
    known = read_settings_file(path) if path.exists() else {}
    missing = {name: make() for name, make in MAKERS.items() if name not in known}
    if missing:
        known |= missing
        write_settings_file(path, HEADER + "".join(line(name, value) for name, value in known.items()))
    return known
