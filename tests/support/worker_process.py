"""Runs the worker as a process on the database of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from signatures.journaling.entries import NOTHING
from signatures.models import Erasure

ROOT = Path(__file__).parents[2]


@contextmanager
def worker(email_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker on the database of the test; not in a transaction, since its gate must see the newest number."""
    assert not connection.in_atomic_block
    # Its journal knows of earlier tests, which were undone.
    Erasure.objects.create(about=NOTHING)
    database = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database.geturl(), "EMAIL_URL": email_url},
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
