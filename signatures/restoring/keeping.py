"""Keeps the journals that were applied, in this machine's own: the next restore of the same backup needs them again."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from signatures.journaling.files import SUFFIX, files_in, folder
from signatures.restoring.manifests import whole_file


def keep_files(places: Iterable[Path]) -> int:
    """Copy the files of these journals into this machine's own, but for those that are there, and return how many.

    :raises OSError: if this account may not write there
    """
    own = folder()
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    copied = 0
    for path in (path for place in places for path in files_in(place)):
        there = own / path.name
        if there.exists() and there.stat().st_size >= path.stat().st_size:
            continue
        with path.open("rb") as source, whole_file(there) as target:
            shutil.copyfileobj(source, target)
        copied += 1
    return copied


def how_to_copy(places: Iterable[Path]) -> str:
    """Return the commands by which an administrator copies them."""
    files = " ".join(f"{place}/*{SUFFIX}" for place in places)
    own = folder()
    # Newer versions of cp end with 1 where a file is there already.
    return f"cp -n {files} {own}/; chown --reference={own} {own}/*{SUFFIX}; chmod 600 {own}/*{SUFFIX}"
