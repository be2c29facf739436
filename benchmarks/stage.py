"""A database of its own and gunicorn servers on free ports."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tryout.embedded import EmbeddedPostgres
from tryout.secrets_file import MAKERS, POSTGRES_SECRET

UNLIMITED = "1000000/m,60000000/h"
START_SECONDS_MAX = 30


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Start PostgreSQL as `make run` does, set the environment for it, and stop it afterwards."""
    with tempfile.TemporaryDirectory(prefix="petition-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "mail").mkdir()
        server = EmbeddedPostgres(folder, "benchmark")
        server.start()
        try:
            server.ensure_database("benchmark")
            url = server.url("benchmark")
            secrets = {key: make() for key, make in MAKERS.items() if key != POSTGRES_SECRET}
            os.environ.update(
                secrets,
                DATABASE_URL=url,
                DJANGO_SETTINGS_MODULE="petition_site.settings",
                LOCAL_START="1",
                SITE_ORIGIN="http://127.0.0.1",
                EMAIL_URL=(folder / "mail").as_uri(),
                MAIL_SENDER="no-reply@example.org",
                STATIC_ROOT=str(folder / "static"),
                ERASURE_JOURNAL=str(folder / "journal"),
                TRUSTED_PROXIES="1",
                FORM_RATES=UNLIMITED,
            )
            yield url
        finally:
            server.stop()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def gunicorn(application: str) -> Iterator[tuple[int, psutil.Process]]:
    """Serve an application under gunicorn.conf.py; yield its port and its parent process."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", application],
        env={**os.environ, "BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "2"},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise
                time.sleep(0.1)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()
