"""A Debian of its own, booted with systemd in namespaces of this machine; its network is a loopback alone."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.programs import require_program
from tests.support.server.registry_proxy import PROXY_PORT, RegistryProxy, host_registries
from tryout.orphans import end_with_parent

CLONE_NEWNET = 0x40000000
BOOT_SECONDS = 60
# What every Debian has; the page that is tested installs the rest.
BASE_PACKAGES = "systemd-sysv,dbus,procps,iproute2,ca-certificates"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Run as the first process of new namespaces: lays a copy that is thrown away over the folder, and boots it.
BOOT = r"""
set -eu
base=$1 work=$2
mount --make-rprivate /
mount -t tmpfs -o size=6g tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
root=$work/root
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" "$root"
mount -t proc proc "$root/proc"
mount -o bind,ro /proc/sys "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup" 2>/dev/null || true
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
ip link set lo up
cd "$root"
mkdir run/before
pivot_root . run/before
umount -l run/before
# Nothing in here may change the clock, the modules or the memory of the machine that the tests run on.
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-sys_boot,-syslog \
    env -i container=test PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --log-target=journal --show-status=no
"""


@dataclass
class Machine:
    """A booted Debian.

    :param pid: its first process, as this machine sees it
    """

    pid: int

    @property
    def root(self) -> Path:
        """Return its files, as this machine sees them."""
        return Path(f"/proc/{self.pid}/root")

    def run(self, command: str, *, check: bool = True, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a command of the shell as root in /root, as over SSH, and return both outputs together."""
        words = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--"]
        environment = ["env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        result = subprocess.run(
            [*words, *environment, "bash", "-c", f"cd /root; {command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert not check or result.returncode == 0, f"{command}\n{result.stdout}\n{self.failures()}"
        return result

    def failures(self) -> str:
        """Return what its services last complained of."""
        return self.run("systemctl --failed --no-pager; journalctl --no-pager -n 60", check=False).stdout

    def listen(self, port: int) -> socket.socket:
        """Return a socket of this process that listens on its loopback."""
        with _in_network(self.pid):
            return socket.create_server(("127.0.0.1", port))

    def connect(self, port: int) -> socket.socket:
        """Return a socket of this process that is connected to its loopback."""
        with _in_network(self.pid):
            return socket.create_connection(("127.0.0.1", port), timeout=30)


@contextmanager
def debian_machine() -> Iterator[Machine]:
    """Boot a Debian of the version that runs the tests, with a way to the registries of packages."""
    base = _base()
    with tempfile.TemporaryDirectory(prefix="petition-machine-") as work:
        words = ["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
        process = subprocess.Popen(
            [require_program("unshare"), *words, "sh", "-c", BOOT, "boot", str(base), work],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it makes one system call
        )
        try:
            machine = Machine(_first_process(process))
            _wait_for_boot(machine)
            with RegistryProxy(machine.listen(PROXY_PORT)):
                yield machine
        finally:
            process.kill()
            process.wait(30)
            if process.stdout:
                process.stdout.close()


def _first_process(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        for child in children.read_text(encoding="ascii").split():
            with suppress(OSError):
                if Path(f"/proc/{child}/exe").resolve().name == "systemd":
                    return int(child)
        time.sleep(0.05)
    process.kill()
    output = process.stdout.read() if process.stdout else ""
    return _missing(f"Debian cannot be booted here: {output}")


def _wait_for_boot(machine: Machine) -> None:
    until = time.monotonic() + BOOT_SECONDS
    while (state := machine.run("systemctl is-system-running", check=False).stdout.strip()) not in {
        "running",
        "degraded",
    }:
        assert time.monotonic() < until, state
        time.sleep(0.1)


def _base() -> Path:
    """Return a folder with a bare Debian, made once and kept; the test is skipped where that is not possible."""
    debootstrap = require_program("debootstrap")
    for name in ("unshare", "nsenter", "setpriv"):
        require_program(name)
    if os.geteuid() != 0:
        _missing("only root can boot a Debian")
    registries = host_registries()
    if not registries.apt:
        _missing("this machine knows no registry of Debian's packages")
    folder = Path(tempfile.gettempdir()) / f"petition-debian-{registries.codename}"
    if not (folder / "etc" / "debian_version").exists() or folder.stat().st_uid != 0:
        unfinished = Path(tempfile.mkdtemp(prefix="petition-debian-unfinished-"))
        unfinished.chmod(0o755)
        command = [debootstrap, "--variant=minbase", f"--include={BASE_PACKAGES}", registries.codename]
        result = subprocess.run(
            [*command, str(unfinished), registries.mirror], check=False, capture_output=True, text=True, timeout=600
        )
        if result.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            _missing(f"debootstrap failed: {result.stdout[-2000:]}")
        registries.write_into(unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    return folder


def _missing(reason: str) -> int:
    if os.environ.get("CI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def _in_network(pid: int) -> Iterator[None]:
    """Let this thread make sockets in the network of another process."""
    libc = ctypes.CDLL(None, use_errno=True)
    ours = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    theirs = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if libc.setns(theirs, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            if libc.setns(ours, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(theirs)
        os.close(ours)
