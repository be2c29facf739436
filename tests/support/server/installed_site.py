"""A site on a machine of its own, installed by following a page."""

from __future__ import annotations

import http.client
import re
import ssl
import subprocess
import tarfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.support.server.debian_machine import Machine
from tests.support.server.local_site import ROOT
from tests.support.server.mail_sink import MailSink

SITE = "petition.example.org"
# Takes the place of certbot, which would ask an authority on the internet. Whether the file that proves who we are is
# found through nginx, it tries itself.
CERTBOT = r"""#!/usr/bin/python3
import argparse, pathlib, subprocess, os, urllib.request
parser = argparse.ArgumentParser()
parser.add_argument("verb", choices=["certonly"])
for flag in ("--non-interactive", "--agree-tos", "--webroot"):
    parser.add_argument(flag, action="store_true", required=True)
for option in ("--email", "--webroot-path", "--cert-name", "--domain", "--deploy-hook"):
    parser.add_argument(option, required=True)
given = parser.parse_args()
proof = pathlib.Path(given.webroot_path, ".well-known/acme-challenge/token")
proof.parent.mkdir(parents=True, exist_ok=True)
proof.write_text("proof")
assert urllib.request.urlopen(f"http://{given.domain}/.well-known/acme-challenge/token").read() == b"proof"
lineage = pathlib.Path("/etc/letsencrypt/live", given.cert_name)
lineage.mkdir(parents=True, exist_ok=True)
words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /O=issued".split()
words += ["-addext", f"subjectAltName=DNS:{given.domain}"]
words += ["-keyout", lineage / "privkey.pem", "-out", lineage / "fullchain.pem"]
subprocess.run(words, check=True)
subprocess.run([given.deploy_hook], check=True, env={**os.environ, "RENEWED_LINEAGE": str(lineage)})
"""


def commands_of(page: Path) -> list[str]:
    """Return the commands of a page, in order: the lines of its blocks for the shell."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


@dataclass
class Installed:
    """A machine on which the page was followed."""

    machine: Machine
    mails: MailSink
    known: str
    said: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def follow(self, commands: list[str]) -> None:
        """Run commands in one session: what is exported is known to those that follow."""
        for command in commands:
            if command.startswith("export "):
                self.known += f"{command}; "
                continue
            began = time.monotonic()
            self.said.append(self.machine.run(self.known + command).stdout)
            self.seconds[command] = time.monotonic() - began

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Send a request over TLS, and return status, where it leads, and the page."""
        certificate = self.machine.root / "etc/letsencrypt/live/petition/fullchain.pem"
        context = ssl.create_default_context(cadata=certificate.read_text(encoding="ascii"))
        link = http.client.HTTPSConnection(SITE, 443)
        with closing(link):
            link.sock = context.wrap_socket(self.machine.connect(443), server_hostname=SITE)
            headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
            link.request("GET" if form is None else "POST", path, urlencode(form) if form else None, headers)
            answer = link.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()

    def unit(self, name: str, what: str) -> str:
        """Return a property of a unit, as systemd took it."""
        return self.machine.run(f"systemctl show --value --property={what} {name}").stdout.strip()


def pack(version: str, into: Path) -> None:
    """Pack what the repository holds, as a release does."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with tarfile.open(into / f"petition-{version}.tar.gz", "w:gz", compresslevel=1) as archive:
        for name in listed.stdout.split("\0"):
            if name and (ROOT / name).is_file() and not name.startswith("tests/"):
                archive.add(ROOT / name, f"petition-{version}/{name}")
