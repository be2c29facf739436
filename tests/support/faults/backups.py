"""Makes and restores backups as an operator does, by commands on real databases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from tests.support.server.local_site import ROOT


@dataclass
class Operator:
    """Somebody with a shell, a key of which only the public half is on the server, and folders for everything."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.identity = self.folder / "key.txt"
        self.identity.write_text(f"# created: today\n{identity}\n", encoding="ascii")
        self.backups = self.folder / "backups"
        self.env = {"BACKUP_FOLDER": str(self.backups), "BACKUP_RECIPIENT": str(identity.to_public()), **self.env}

    def start(self, url: str, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start a command on a database."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**os.environ, **self.env, "DATABASE_URL": url, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, url: str, *words: str, **env: str) -> tuple[int, str]:
        """Run a command, and return its exit code and what it told."""
        with self.start(url, *words, **env) as process:
            told, _ = process.communicate(timeout=120)
            return process.returncode, told

    def backup(self, url: str, **env: str) -> Path:
        """Make a backup and return its file."""
        code, told = self.run(url, "backup", **env)
        assert code == 0, told
        return max(self.backups.glob("*.dump.age"))

    def restore_words(self, file: Path, *journals: Path) -> list[str]:
        """Return the words of the command that restores a backup."""
        words = ["restore", str(file), "--identity", str(self.identity)]
        return words + [word for journal in journals for word in ("--journal", str(journal))]

    def restore(self, url: str, file: Path, *journals: Path, env: Mapping[str, str] | None = None) -> str:
        """Restore a backup, and return what the command told."""
        code, told = self.run(url, *self.restore_words(file, *journals), **(env or {}))
        assert code == 0, told
        return told
