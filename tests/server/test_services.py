"""systemd takes every unit of deploy/systemd, and finds each of them well shut in."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.programs import require_program
from tests.support.server.local_site import ROOT

UNITS = sorted(path.name for path in (ROOT / "deploy" / "systemd").glob("petition-*.*") if path.is_file())
# From 0 (shut in) to 10 (as root, without limits), by `systemd-analyze security`, with Debian 12's systemd.
EXPOSURE_MAX: Mapping[str, float] = {
    "petition-web.service": 0.6,
    "petition-worker@.service": 1.4,
    "petition-rewrite.service": 1.1,
    "petition-backup.service": 1.4,
    "petition-doctor.service": 1.9,
}
ACCOUNTS = ("root", "petition", "petition-owner")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the units where deploy/install/system.sh puts them, and what they refer to."""
    require_program("systemd-analyze")
    root = tmp_path_factory.mktemp("root")
    units = root / "etc/systemd/system"
    shutil.copytree(ROOT / "deploy" / "systemd", units)
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    for program in (
        "usr/local/bin/petition",
        *(f"srv/petition/current/.venv/bin/{name}" for name in ("python", "gunicorn")),
    ):
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "deploy" / "bin" / "petition", root / program)
    for file, line in (("passwd", "{}:x:{}:{}::/:/bin/sh\n"), ("group", "{}:x:{}:\n")):
        lines = (line.format(name, number, number) for number, name in enumerate((*ACCOUNTS, "www-data")))
        (root / "etc" / file).write_text("".join(lines), encoding="ascii")
    return root


def instance(unit: str) -> str:
    """Return the name of a unit that can be loaded."""
    return unit.replace("@.", "@1.")


def analyze(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze on the units in a folder."""
    command = [require_program("systemd-analyze"), *words[:1], f"--root={root}", *words[1:]]
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say_about_a_unit(root: Path, unit: str) -> None:
    result = analyze(root, "verify", "--man=no", instance(unit))
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_a_service_is_as_shut_in_as_stated(
    root: Path, unit: str, record_property: Callable[[str, object], None]
) -> None:
    result = analyze(root, "security", "--offline=true", "--no-pager", instance(unit))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
    assert found, result.stdout + result.stderr
    record_property("figures", f"exposure {found[1]}")
    assert float(found[1]) <= EXPOSURE_MAX[unit], result.stdout


def test_services_without_the_shared_limits_would_be_noticed(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "root", symlinks=True)
    (tmp_path / "root/etc/systemd/system/petition-.service.d/10-hardening.conf").unlink()
    result = analyze(tmp_path / "root", "security", "--offline=true", "--threshold=14", "petition-worker@1.service")
    assert result.returncode != 0


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_no_service_runs_as_root(unit: str) -> None:
    text = (ROOT / "deploy" / "systemd" / unit).read_text(encoding="utf-8")
    assert re.findall(r"(?m)^User=(.*)$", text) == ["petition-owner" if "rewrite" in unit else "petition"]
    assert "+/" not in text


def test_no_service_hides_from_a_start_what_it_checks() -> None:
    units = [path.read_text(encoding="utf-8") for path in (ROOT / "deploy" / "systemd").rglob("*.*") if path.is_file()]
    assert len(units) > 8
    assert [unit for unit in units if "UnsetEnvironment" in unit] == []


def paths_in(unit: str, directive: str) -> set[str]:
    """Return the folders of the site's data that a line of a unit names."""
    lines = re.findall(rf"(?m)^{directive}=(.*)$", unit)
    words = (word.lstrip("-") for line in lines for word in line.split())
    return {word for word in words if word.startswith("/var/lib/")}


def test_whatever_a_service_writes_to_must_be_mounted_before_it_starts() -> None:
    # An empty folder would be taken for it.
    units = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "deploy" / "systemd").glob("*.service")}
    written = {name: paths_in(unit, "ReadWritePaths") for name, unit in units.items()}
    assert {name: paths_in(unit, "RequiresMountsFor") for name, unit in units.items()} == written
    assert set().union(*written.values()) == {"/var/lib/petition/backups", "/var/lib/petition/journal"}
