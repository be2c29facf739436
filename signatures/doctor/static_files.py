"""The styles, scripts and pictures that pages load."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage

from signatures.doctor.findings import Finding, Options, fine, wrong

COLLECT = "Run `manage.py collectstatic --noinput`, then restart the web server."


def check_static_files(options: Options) -> Iterator[Finding]:
    """Compare STATIC_ROOT with the files of this version: each must be there, as it is, and in the manifest."""
    root = Path(settings.STATIC_ROOT)
    names = getattr(staticfiles_storage, "hashed_files", None)
    if names == {}:
        yield wrong(f"{root} holds no static files: every page ends with an error.", COLLECT)
        return
    missing = other = 0
    for finder in get_finders():
        for path, storage in finder.list([]):
            if names is not None and path not in names:
                missing += 1
            elif not _is_the_same(Path(storage.path(path)), root / path):
                other += 1
    if missing or other:
        yield wrong(
            f"{root} belongs to another version: {missing} files are missing, and {other} differ.",
            COLLECT,
        )
        return
    yield fine("The static files are those of this version.")


def _is_the_same(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
    except OSError:
        return False
