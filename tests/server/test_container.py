"""What runs in containers: the roles of a new database, and the image itself where an engine is there to build it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from tests.support.production import ROOT
from tryout.embedded import ADMINISTRATOR, EmbeddedPostgres

pytestmark = pytest.mark.xdist_group("servers")

FOLDER = ROOT / "deploy" / "container"
OWNER, SERVING = "owner's password", "serving password"
IMAGE = "petition:of-the-tests"
BUILD_SECONDS = 900


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Run a PostgreSQL as empty as that of the image is at first, and make the roles as it does."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("database"), "tests", durable=False)
    server.start()
    try:
        with server._connect(ADMINISTRATOR) as connection, connection.cursor() as cursor:
            cursor.execute("DROP ROLE petition")
        environment = {
            "PATH": f"{server.programs}/bin{os.pathsep}{os.environ['PATH']}",
            "PGHOST": str(server.sockets),
            "PGPASSWORD": server._password(ADMINISTRATOR),
            "OWNER_PASSWORD": OWNER,
            "SERVING_PASSWORD": SERVING,
        }
        done = subprocess.run(
            ["/bin/sh", str(FOLDER / "make-roles.sh")], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        yield server
    finally:
        server.stop()


def run(server: EmbeddedPostgres, user: str, password: str, statement: str) -> str:
    """Run a statement as a role and return the first value."""
    opened = psycopg2.connect(host=str(server.sockets), dbname="petition", user=user, password=password)
    with closing(opened) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return str(cursor.fetchall()[0][0]) if cursor.description else ""


def test_one_role_owns_and_the_other_may_make_nothing(server: EmbeddedPostgres) -> None:
    run(server, "petition_owner", OWNER, "CREATE TABLE kept (word text)")
    for statement in (
        "CREATE TABLE other (word text)",
        "CREATE TEMPORARY TABLE other (word text)",
        "SELECT count(*) FROM kept",
        "DROP TABLE kept",
        "SET ROLE petition_owner",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(server, "petition", SERVING, statement)
    with pytest.raises(psycopg2.OperationalError):
        run(server, "petition_owner", SERVING, "SELECT 1")


def test_the_new_database_knows_the_case_of_every_alphabet(server: EmbeddedPostgres) -> None:
    assert run(server, "petition", SERVING, "SELECT 'Ўладзімір' ILIKE 'ўЛАДЗІМІР'") == "True"


def engine() -> str:
    """Return a container engine that runs, or skip: most machines that run tests have none."""
    for name in ("podman", "docker"):
        program = shutil.which(name)
        if program and subprocess.run([program, "info"], capture_output=True, check=False).returncode == 0:
            return program
    pytest.skip("no container engine runs here: the image was not built")


def test_the_image_builds_and_runs_shut_in() -> None:
    program = engine()
    build = [program, "build", "--tag", IMAGE, "--file", str(FOLDER / "Containerfile"), str(ROOT)]
    subprocess.run(build, check=True, timeout=BUILD_SECONDS)
    shut_in = ["--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", "--tmpfs", "/tmp"]  # noqa: S108 - in the container
    code = "import os, django, petition_site.version as v; print(os.getuid(), v.VERSION)"
    done = subprocess.run([program, "run", *shut_in, IMAGE, "python", "-c", code], capture_output=True, check=True)
    assert done.stdout.startswith(b"10001 ")
    write = ["sh", "-c", "touch /srv/petition/x"]
    assert subprocess.run([program, "run", *shut_in, IMAGE, *write], capture_output=True, check=False).returncode != 0
