"""A release can be checked with what Debian has, is the same bytes each time, and holds all that a site needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from petition_site.version import VERSION
from tests.support.production import PRODUCTION, ROOT
from tests.support.programs import require_program

pytestmark = pytest.mark.xdist_group("servers")

NAME = f"petition-{VERSION}"
FILES = {f"{NAME}.tar.gz", f"{NAME}.md", "SHA256SUMS", "SHA256SUMS.sig"}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone of what is committed here, with a key beside it."""
    folder = tmp_path_factory.mktemp("release")
    git = require_program("git")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository")
    command = [git, "-c", "safe.directory=*", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(folder / "clone")]
    subprocess.run(command, check=True)
    keygen = require_program("ssh-keygen")
    for name in ("key", "other"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)], check=True)
    return folder / "clone"


def release(clone: Path, to: Path, key: Path | None) -> subprocess.CompletedProcess[str]:
    """Make a release as ``make release`` does."""
    env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"} | ({"RELEASE_KEY": str(key)} if key else {})
    command = [sys.executable, "-m", "releasing", "--folder", str(to)]
    return subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def dist(clone: Path) -> Path:
    """Return the folder of a release."""
    folder = clone.parent / "dist"
    done = release(clone, folder, clone.parent / "key")
    assert done.returncode == 0, done.stderr
    assert {Path(line).name for line in done.stdout.splitlines()} == FILES
    return folder


def is_good(dist: Path, signer: Path) -> bool:
    """Return whether a release is signed by a key and its checksums are right, as docs/releasing.md checks them."""
    signers = dist.parent / "signers"
    public = signer.with_suffix(".pub").read_text(encoding="utf-8")
    signers.write_text(f'release@petition namespaces="petition-release" {public}', encoding="utf-8")
    commands = (
        "ssh-keygen -Y verify -f ../signers -I release@petition -n petition-release -s SHA256SUMS.sig < SHA256SUMS",
        "sha256sum --check SHA256SUMS",
    )
    text = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    assert all(command.replace("../signers", "petition-signers") in text for command in commands)
    return all(
        subprocess.run(["/bin/sh", "-c", command], cwd=dist, capture_output=True, check=False).returncode == 0
        for command in commands
    )


def test_a_release_is_checked_by_what_every_debian_has(dist: Path, clone: Path) -> None:
    assert {file.name for file in dist.iterdir()} == FILES
    assert is_good(dist, clone.parent / "key")
    assert not is_good(dist, clone.parent / "other")
    archive = dist / f"{NAME}.tar.gz"
    kept = archive.read_bytes()
    archive.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert not is_good(dist, clone.parent / "key")
    archive.write_bytes(kept)


def test_the_same_commit_gives_the_same_bytes(dist: Path, clone: Path) -> None:
    again = clone.parent / "again"
    assert release(clone, again, clone.parent / "key").returncode == 0
    for name in FILES:
        assert (again / name).read_bytes() == (dist / name).read_bytes(), name


def test_the_archive_holds_a_whole_site_and_no_tests(dist: Path, tmp_path: Path) -> None:
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        members = archive.getmembers()
        archive.extractall(tmp_path, filter="data")
    assert {member.name.partition("/")[0] for member in members} == {NAME}
    assert all(member.mode & 0o022 == 0 and member.uid == member.gid == 0 for member in members)
    root = tmp_path / NAME
    assert {path.name for path in root.iterdir()}.isdisjoint({"tests", "benchmarks", "releasing", ".git", ".ci"})
    for needed in ("locale/ru/LC_MESSAGES/django.mo", "requirements.txt", "deploy/nginx/petition.conf", "docs"):
        assert (root / needed).exists(), needed
    env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **PRODUCTION, "STATIC_ROOT": str(tmp_path / "static")}
    for command in (["check", "--deploy", "--fail-level", "WARNING"], ["collectstatic", "--noinput", "--verbosity=0"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=root, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_what_is_not_committed_or_not_signed_is_not_released(clone: Path, tmp_path: Path) -> None:
    assert "RELEASE_KEY must name" in release(clone, tmp_path, None).stderr
    assert "where no key is" in release(clone, tmp_path, tmp_path / "nowhere").stderr
    stray = clone / "stray.txt"
    stray.write_text("forgotten", encoding="utf-8")
    done = release(clone, tmp_path, clone.parent / "key")
    stray.unlink()
    assert done.returncode == 1
    assert "not committed" in done.stderr
    assert list(tmp_path.iterdir()) == []
