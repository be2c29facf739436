"""Updates the database and the static files, as the first process of a local start."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

ORGANISER = "organiser"


def main(data: Path) -> None:
    """Run the management commands that every start needs, all of them idempotent.

    :param data: the data folder, to which organiser.txt with the password is written if an account was created
    """
    django.setup()
    collect_static_files(data / "run" / "static.digest")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("ensure_roles", verbosity=0, stdout=io.StringIO())
    call_command("load_first_petition", verbosity=0, stdout=io.StringIO())
    ensure_organiser(data / "organiser.txt")


def ensure_organiser(keep_in: Path) -> None:
    """Create the first organiser if there is none; the password is written to disk before the account is committed."""
    with transaction.atomic():
        output = io.StringIO()
        call_command("ensure_organiser", stdout=output, verbosity=0)
        if password := output.getvalue().strip():
            text = f"address:   {settings.SITE_ORIGIN}/admin/\nuser name: {ORGANISER}\npassword:  {password}\n"
            keep_in.unlink(missing_ok=True)
            handle = os.open(keep_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)


def collect_static_files(digest_file: Path) -> None:
    """Collect and compress static files if they, or the requirements whose packages include some, have changed."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(folder.rglob("*")):
            found = path.stat()
            digest.update(f"{path.relative_to(folder)}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    is_there = (settings.STATIC_ROOT / "staticfiles.json").exists()
    if is_there and digest_file.exists() and digest_file.read_text(encoding="ascii") == digest.hexdigest():
        return
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    digest_file.write_text(digest.hexdigest(), encoding="ascii")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (ImproperlyConfigured, CommandError, DatabaseError) as error:
        sys.exit(f"error: {error}")
