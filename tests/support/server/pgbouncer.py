"""Runs PgBouncer before a PostgreSQL of the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg2.extensions import parse_dsn

from tests.support.programs import require_program
from tests.support.server.local_site import free_port
from tests.support.server.nginx_front import wait_for
from tryout.server_account import let_reach, server_account

POOL_SIZE = 20


@contextmanager
def pgbouncer_before(url: str, folder: Path, mode: str, **options: object) -> Iterator[str]:
    """Run PgBouncer before the database of a URL, and yield the URL of that database through it.

    :param mode: ``session``, ``transaction`` or ``statement``
    """
    program = require_program("pgbouncer")
    server = parse_dsn(url)
    port = free_port()
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": mode,
        "default_pool_size": POOL_SIZE,
        # A developer's shell may have PGOPTIONS, which it would refuse.
        "ignore_startup_parameters": "options",
        "logfile": folder / "pgbouncer.log",
        **options,
    }
    to = " ".join(f"{key}={server[key]}" for key in ("host", "port", "user", "password", "dbname") if key in server)
    # It holds the password.
    file = folder / "pgbouncer.ini"
    file.touch(mode=0o600)
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    file.write_text(f"[databases]\n{server['dbname']} = {to}\n[pgbouncer]\n{lines}", encoding="utf-8")
    account = server_account()
    # It refuses to run as root.
    for path in (folder, file):
        os.chown(path, account.uid, account.gid)
    let_reach(folder, account)
    process = subprocess.Popen(
        [program, str(file)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield f"postgres://{server['user']}@127.0.0.1:{port}/{server['dbname']}"
    finally:
        process.terminate()
        process.wait(30)
