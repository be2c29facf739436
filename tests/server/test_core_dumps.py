"""No process of the site leaves its memory on the disk when it crashes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.journals import environment_of
from tests.support.server.local_site import ROOT, LocalSite, running
from tests.support.server.web_site import web_site
from tryout.embedded import EmbeddedPostgres

pytestmark = [
    pytest.mark.xdist_group("servers"),
    pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are read from /proc"),
]


@pytest.fixture(autouse=True)
def core_dumps_wanted() -> Iterator[None]:
    """Allow core dumps to whatever is started here, as far as this account may."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_CORE, (unlimited, unlimited) if os.geteuid() == 0 else (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def core_limits(processes: list[psutil.Process]) -> dict[str, list[str]]:
    """Return how much memory each process may leave, softly and at most, by its command.

    PostgreSQL's own helpers come and go; one that has ended since it was listed leaves nothing.
    """
    limits = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{process.pid}/limits").read_text(encoding="ascii").splitlines():
                if line.startswith("Max core file size"):
                    limits[f"{process.pid} {' '.join(process.cmdline())}"] = line.split()[4:6]
    return limits


def family_of(pid: int) -> list[psutil.Process]:
    """Return a process and all that it started."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def test_no_process_of_the_one_command_may(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="petition-core-", dir=Path(os.environ["STATIC_ROOT"]).parent))
    with running(LocalSite(folder / "data")) as site:
        limits = core_limits(site.processes())
        for part in ("tryout.run", "gunicorn", "manage.py work", "bin/postgres"):
            assert any(part in command for command in limits), part
        assert {command: limit for command, limit in limits.items() if limit != ["0", "0"]} == {}


def test_neither_web_server_nor_worker_may_in_production(loaded_database: str, tmp_path: Path) -> None:
    with web_site(loaded_database, tmp_path, {"WEB_WORKERS": "2"}) as site:
        assert site.process
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "work"],
            cwd=ROOT,
            env={**environment_of(site.database_url), **site.env},
            stderr=subprocess.DEVNULL,
        )
        try:
            while not site.query("SELECT 1 FROM signatures_workerbeat"):
                assert worker.poll() is None
                time.sleep(0.05)
            limits = core_limits([*family_of(site.process.pid), psutil.Process(worker.pid)])
        finally:
            worker.terminate()
            worker.wait(30)
    assert len(limits) == 4
    assert set(map(tuple, limits.values())) == {("0", "0")}


def test_no_process_of_an_embedded_server_may_whoever_starts_it(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="petition-core-", dir=Path(os.environ["STATIC_ROOT"]).parent) as folder:
        server = EmbeddedPostgres(Path(folder), "core", durable=False)
        server.start()
        try:
            assert server.pid
            limits = core_limits(family_of(server.pid))
        finally:
            server.stop()
    assert len(limits) > 3
    assert set(map(tuple, limits.values())) == {("0", "0")}
