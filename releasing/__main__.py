"""Makes a release of what is committed: archive, notes, checksums, signature. ``make release`` runs it."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from petition_site.version import VERSION
from releasing.notes import UnreadyError, notes_of

ROOT = Path(__file__).resolve().parents[1]
# What the signature is for, so that one made for another purpose is not taken for it (ssh-keygen(1), -n).
NAMESPACE = "petition-release"
COMPRESSION_LEVEL = 9


def make_release(folder: Path, key: Path) -> list[Path]:
    """Write the files of the release into a folder; from the same commit they are the same bytes each time.

    :param key: private key in OpenSSH's format, or the public one of a key that an agent or a token holds
    :raises UnreadyError: if something is missing, or not committed
    """
    check_versions()
    if _git("status", "--porcelain").strip():
        raise UnreadyError("There are changes that are not committed: a release is made of what is.")
    if not key.is_file():
        message = f"RELEASE_KEY names {key}, where no key is: see docs/releasing.md."
        raise UnreadyError(message)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"petition-{VERSION}"
    archive, notes = folder / f"{name}.tar.gz", folder / f"{name}.md"
    notes.write_text(notes_of((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), VERSION), encoding="utf-8")
    tar = _git("-c", "tar.umask=0022", "archive", "--format=tar", f"--prefix={name}/", "HEAD")
    # Without the time at which it was packed.
    archive.write_bytes(gzip.compress(tar, COMPRESSION_LEVEL, mtime=0))
    sums = folder / "SHA256SUMS"
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in (archive, notes)]
    sums.write_text("".join(lines), encoding="utf-8")
    return [archive, notes, sums, _sign(sums, key)]


def check_versions() -> None:
    """Check that the version is the same wherever it stands.

    :raises UnreadyError: if it is not
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if project != VERSION or not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", VERSION):
        message = f"petition_site/version.py says {VERSION}, pyproject.toml {project}."
        raise UnreadyError(message)


def _git(*words: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise UnreadyError("git is not installed.")
    done = subprocess.run([git, *words], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        message = f"git {words[0]} failed: a release is made in a clone of the repository."
        raise UnreadyError(message)
    return done.stdout


def _sign(sums: Path, key: Path) -> Path:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UnreadyError("ssh-keygen is not installed. On Debian and Ubuntu: apt install openssh-client.")
    signature = sums.with_name(f"{sums.name}.sig")
    # It would ask whether to overwrite one.
    signature.unlink(missing_ok=True)
    done = subprocess.run([program, "-q", "-Y", "sign", "-n", NAMESPACE, "-f", key, sums], check=False)
    if done.returncode:
        raise UnreadyError("ssh-keygen could not sign with RELEASE_KEY.")
    return signature


def main() -> None:
    """Make the release and name its files."""
    parser = argparse.ArgumentParser(description="Make a release of what is committed.")
    parser.add_argument("--folder", type=Path, default=ROOT / "dist", help="where to, by default dist/")
    key = os.environ.get("RELEASE_KEY")
    folder = parser.parse_args().folder
    if not key:
        sys.exit("error: RELEASE_KEY must name the key that signs the release: see docs/releasing.md.")
    try:
        files = make_release(folder, Path(key).expanduser())
    except UnreadyError as error:
        sys.exit(f"error: {error}")
    for file in files:
        print(file)  # noqa: T201 - a program's answer


main()
