"""A PostgreSQL with the files in deploy/postgresql, of whatever version is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.programs import require_program
from tests.support.server.local_site import ROOT
from tryout import embedded
from tryout.embedded import ADMINISTRATOR, EmbeddedPostgres, programs

FILES = ROOT / "deploy" / "postgresql"
DEBIAN = Path("/usr/lib/postgresql")
# Without what the trial sets: the files are to do that.
BARE = {"listen_addresses": "", "fsync": "off"}


@dataclass
class OtherPostgres:
    """A server with a cluster of its own, without the settings of the trial."""

    server: EmbeddedPostgres

    def psql(self, *words: str, user: str = ADMINISTRATOR, password: str = "", is_root: bool = False) -> str:
        """Run psql as the account of the server, and return what it prints, errors included."""
        account = self.server.account
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.is_other else {}
        done = subprocess.run(
            [
                self.server.programs / "bin" / "psql",
                "--no-psqlrc",
                "-qAt",
                "-h",
                self.server.sockets,
                "-U",
                user,
                *words,
            ],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": password or self.server._password(user), "LC_ALL": "C"},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **({} if is_root else identity),  # type: ignore[call-overload]
        )
        return str(done.stdout)

    def run_file(self, name: str) -> str:
        """Run a file of SQL as the superuser."""
        with (FILES / name).open("rb") as file:
            copy = self.server.folder / name
            copy.write_bytes(file.read())
        copy.chmod(0o644)
        return self.psql("-d", "postgres", "-f", str(copy))

    def add_settings(self) -> None:
        """Include petition.conf, as conf.d does on Debian, and start anew."""
        self.server.stop()
        (self.server.cluster / "conf.d").mkdir(exist_ok=True)
        shutil.copy(FILES / "petition.conf", self.server.cluster / "conf.d")
        with (self.server.cluster / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include_dir = 'conf.d'\n")
        self.let_read("conf.d", "conf.d/petition.conf")
        self.server.start()

    def let_in_by_account(self, owner: str) -> None:
        """Add the lines of pg_ident.conf and pg_hba.conf for an account of the system in place of petition-owner."""
        ident, hba = (self.server.cluster / name for name in ("pg_ident.conf", "pg_hba.conf"))
        lines = (FILES / "pg_ident.conf").read_text(encoding="utf-8").replace("petition-owner", owner)
        ident.write_text(ident.read_text(encoding="utf-8") + lines, encoding="utf-8")
        hba.write_text((FILES / "pg_hba.conf").read_text(encoding="utf-8") + hba.read_text(encoding="utf-8"), "utf-8")
        assert self.psql("-d", "postgres", "-c", "SELECT pg_reload_conf()").strip() == "t"

    def url(self, user: str, password: str) -> str:
        """Return the address of the site's database for a role."""
        return f"postgres://{user}:{password}@/petition?host={quote(str(self.server.sockets), safe='')}"

    def let_read(self, *names: str) -> None:
        """Give files to the account of the server."""
        for name in names:
            shutil.chown(self.server.cluster / name, self.server.account.uid, self.server.account.gid)

    @property
    def account(self) -> str:
        """Return the name of the account of the server."""
        return pwd.getpwuid(self.server.account.uid).pw_name


def folder_of(kind: str) -> Path:
    """Return the folder of the embedded PostgreSQL's programs, or of the newest of Debian's; skip without that one.

    :param kind: ``embedded`` or ``debian``
    """
    if kind == "embedded":
        return programs()
    require_program("pg_ctlcluster")
    return max(DEBIAN.glob("[0-9]*"), key=lambda folder: int(folder.name))


@contextmanager
def other_postgres(folder: Path) -> Iterator[OtherPostgres]:
    """Run a server of the programs in a folder."""
    run = Path(os.environ["STATIC_ROOT"]).parent
    with tempfile.TemporaryDirectory(prefix="other-", dir=run) as place, pytest.MonkeyPatch.context() as monkeypatch:
        server = EmbeddedPostgres(Path(place), "other", durable=False)
        if folder != server.programs:
            server.programs = folder
            monkeypatch.setattr(embedded, "VERSION", folder.name)
        server.settings = dict(BARE)
        try:
            server.start()
            yield OtherPostgres(server)
        finally:
            server.stop()
