"""From a bare Debian to a live site by deploy/install.md, as it stands: somebody signs, confirms, and is counted.

The machine is real: booted by systemd, with Debian's packages. Two things are not: no authority for certificates is
asked, since the machine is reached from nowhere, and the mail server is one of the tests.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import subprocess
from collections.abc import Callable, Iterator

import pyrage
import pytest

from tests.support.certificates import Authority
from tests.support.mailbox import text_of
from tests.support.server.debian_machine import debian_machine
from tests.support.server.installed_site import CERTBOT, SITE, Installed, commands_of, pack
from tests.support.server.local_site import ROOT
from tests.support.server.mail_sink import MAIL_PORT, MailSink
from tests.support.server.web_site import PETITION_PATH, signer

pytestmark = pytest.mark.xdist_group("servers")

PAGE = ROOT / "deploy" / "install.md"
UPGRADE = ROOT / "deploy" / "upgrade.md"
RESTORE = ROOT / "deploy" / "restore.md"
VERSION = "1.0.0"
NEXT_VERSION = "2.1.0"
ENABLED = "/etc/nginx/sites-enabled/petition"
COMMANDS_MAX = 14
# How many commands of the page stand before the site's own: what takes long is cut into parts (faulthandler_timeout).
PACKAGES_INSTALLED = 3
SETTINGS = "/etc/petition/petition.env"
SERVICES = ("petition-web", "petition-worker@1", "petition-worker@2", "nginx", "nftables", "unattended-upgrades")
TIMERS = ("petition-rewrite.timer", "petition-backup.timer", "petition-doctor.timer")
# The public half of a key that nobody has (from the README of age).
AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
# What the site does with memory and with system calls that not every page does: a PDF by Typst, a query, a picture.
PROBE = """
import io, typst, nh3, PIL.Image
from django.db import connection
assert typst.compile(b"= Names\\n#table([Anna])").startswith(b"%PDF")
cursor = connection.cursor()
cursor.execute("SELECT current_user")
assert cursor.fetchone() == ("petition",)
PIL.Image.new("RGB", (9, 9)).save(io.BytesIO(), "WEBP")
print("all of it works")
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Boot a bare machine, to which the release was copied."""
    folder = tmp_path_factory.mktemp("mail")
    authority = Authority()
    with debian_machine() as machine, MailSink(machine, authority.server_context(folder, "127.0.0.1")) as mails:
        trusted = machine.root / "usr/local/share/ca-certificates/tests.crt"
        trusted.write_text(authority.pem, encoding="ascii")
        machine.run("update-ca-certificates")
        machine.run(f"echo 127.0.0.1 {SITE} >>/etc/hosts; hostname {SITE}")
        certbot = machine.root / "usr/local/bin/certbot"
        certbot.write_text(CERTBOT, encoding="utf-8")
        certbot.chmod(0o755)
        pack(VERSION, machine.root / "root")
        yield Installed(machine, mails, "")


@pytest.fixture(scope="module")
def programs(bare: Installed) -> Installed:
    """Follow the page until Debian's packages are there."""
    commands = commands_of(PAGE)
    # What only the operator knows; everything else is as it stands on the page.
    assert commands[0].startswith(
        "export HISTFILE= SITE=petition.example.org OPERATOR=you@example.org RELAY='smtp+tls://"
    )
    relay = f"smtp+tls://{MailSink.USER}:{MailSink.PASSWORD}@127.0.0.1:{MAIL_PORT}"
    commands[0] = f"export HISTFILE= SITE={SITE} OPERATOR=you@example.org RELAY='{relay}' AGE={AGE}"
    bare.follow(commands[:PACKAGES_INSTALLED])
    return bare


@pytest.fixture(scope="module")
def installed(programs: Installed) -> Installed:
    """Follow the page to its end."""
    programs.follow(commands_of(PAGE)[PACKAGES_INSTALLED:])
    programs.machine.run("petition load_first_petition")
    return programs


def confirm(installed: Installed, before: int) -> str:
    """Follow the link in the next mail, press its button, and return where that leads."""
    mail = email.message_from_bytes(installed.mails.next_after(before), policy=email.policy.default)
    found = re.search(rf"https://{re.escape(SITE)}(/\S+/confirm/\S+/)", text_of(mail))
    assert found
    assert installed.ask(found[1])[0] == 200
    status, location, page = installed.ask(found[1], {"visibility": "DELIVERED"})
    assert status == 303, page
    return location


def test_the_page_has_few_commands_and_none_that_opens_an_editor() -> None:
    commands = commands_of(PAGE)
    assert len(commands) <= COMMANDS_MAX
    assert not any(re.search(r"&&|\|\||; |<<|\b(nano|vi|vim|ed)\b", command) for command in commands)


def test_a_bare_debian_boots(bare: Installed) -> None:
    assert "petition" not in bare.machine.run("ls /etc /srv /usr/local/bin; cat /etc/passwd").stdout


def test_debians_packages_bring_what_the_site_needs(programs: Installed) -> None:
    assert " main " in programs.machine.run("pg_lsclusters").stdout
    programs.machine.run("nginx -t; python3 -c 'import venv, ensurepip'")


def test_a_signature_is_confirmed_and_counted(
    installed: Installed, record_property: Callable[[str, object], None]
) -> None:
    before = len(installed.mails.letters)
    status, location, page = installed.ask(PETITION_PATH, signer())
    assert (status, location) == (303, f"{PETITION_PATH}sent/"), page
    assert confirm(installed, before) == f"{PETITION_PATH}thanks/"
    assert installed.machine.run("petition check_tally").stdout.startswith("belarus-political-prisoners: 1\n")
    slowest = {command[:60]: round(took) for command, took in installed.seconds.items() if took >= 1}
    minutes = sum(installed.seconds.values()) / 60
    record_property("figures", f"{len(installed.seconds) + 1} commands, {minutes:.1f} minutes: {json.dumps(slowest)}")


@pytest.mark.parametrize("name", [*SERVICES, *TIMERS])
def test_everything_runs_and_will_after_a_restart_of_the_machine(installed: Installed, name: str) -> None:
    assert installed.unit(name, "ActiveState") == "active", installed.machine.failures()
    assert installed.unit(name, "UnitFileState") == "enabled"


def test_whoever_serves_owns_nothing_and_can_change_neither_code_nor_settings(installed: Installed) -> None:
    as_petition = "setpriv --reuid=petition --regid=petition --init-groups"
    for command in (
        "psql petition -c 'ALTER TABLE signatures_auditentry DISABLE TRIGGER ALL'",
        "psql petition petition_owner -c 'SELECT 1'",
        "psql petition postgres -c 'SELECT 1'",
        f"sh -c 'echo >>{SETTINGS}'",
        "touch /srv/petition/current/manage.py /srv/petition/current/var/static/x",
        "touch /srv/petition/current/.venv/x",
    ):
        assert installed.machine.run(f"{as_petition} {command}", check=False).returncode != 0, command
    owned = "SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = 'petition'"
    assert installed.machine.run(f'cd /; runuser -u postgres -- psql -At petition -c "{owned}"').stdout.strip() == "0"


def test_only_the_site_reads_the_settings(installed: Installed) -> None:
    assert installed.machine.run(f"stat -c '%U %G %a' {SETTINGS}").stdout.split() == ["root", "petition", "640"]
    assert installed.machine.run(f"runuser -u www-data -- cat {SETTINGS}", check=False).returncode != 0


def test_typst_and_the_database_work_where_a_service_is_shut_in(installed: Installed) -> None:
    machine = installed.machine
    (machine.root / "srv/petition/probe.py").write_text(PROBE, encoding="utf-8")
    for name, like in (("petition-web-probe", "petition-web"), ("petition-worker-probe", "petition-worker@")):
        unit = (machine.root / f"etc/systemd/system/{like}.service").read_text(encoding="utf-8")
        unit = re.sub(r"(?m)^(Type|NotifyAccess|Restart|RestartSec|Requires|After|Wants)=.*\n", "", unit)
        command = "/bin/sh -c '.venv/bin/python manage.py shell </srv/petition/probe.py'"
        unit = re.sub(r"(?m)^ExecStart=.*$", f"Type=oneshot\nExecStart={command}", unit)
        (machine.root / f"etc/systemd/system/{name}.service").write_text(unit, encoding="utf-8")
        machine.run(f"systemctl daemon-reload; systemctl start {name}", check=False)
        said = machine.run(f"journalctl --no-pager -u {name}").stdout
        assert "all of it works" in said, said
        assert installed.unit(name, "MemoryDenyWriteExecute") == "yes"


@pytest.mark.parametrize("name", ["petition-rewrite", "petition-backup"])
def test_what_is_done_by_the_clock_is_done(installed: Installed, name: str) -> None:
    installed.machine.run(f"systemctl start {name}.service")
    assert installed.unit(f"{name}.service", "Result") == "success"


def test_the_backup_is_there_and_encrypted(installed: Installed) -> None:
    installed.machine.run("systemctl start petition-backup.service")
    files = list((installed.machine.root / "var/lib/petition/backups").glob("*.age"))
    assert files
    assert all(file.read_bytes().startswith(b"age-encryption.org/v1\n") for file in files)


def test_no_process_may_leave_its_memory_on_the_disk(installed: Installed) -> None:
    cluster = installed.machine.run("pg_lsclusters --no-header").stdout.split()
    for name in ("petition-web", "petition-worker@1", f"postgresql@{cluster[0]}-{cluster[1]}"):
        assert installed.unit(name, "LimitCORE") == "0", name


def test_the_logs_hold_no_address(installed: Installed) -> None:
    said = installed.machine.run("journalctl --no-pager; cat /var/log/nginx/* /var/log/postgresql/*").stdout
    assert "example.org/confirm" not in said
    assert not re.search(r"[0-9a-f]{32}@of-", said)


def test_only_ssh_and_the_site_come_in(installed: Installed) -> None:
    said = installed.machine.run("nft list ruleset").stdout
    assert "policy drop" in said
    assert re.search(r"tcp dport \{ 22, 80, 443 \} accept", said)
    assert "5432" not in installed.machine.run("ss -ltn").stdout


def test_a_restart_loses_no_request(installed: Installed) -> None:
    machine = installed.machine
    before = installed.unit("petition-web", "MainPID")
    restarting = subprocess.Popen(
        ["nsenter", f"--target={machine.pid}", "--all", "systemctl", "restart", "petition-web"],  # noqa: S607
        stdin=subprocess.DEVNULL,
    )
    statuses: list[int] = []
    while restarting.poll() is None or len(statuses) < 20:
        statuses.append(installed.ask(f"{PETITION_PATH}signers/?after=")[0])
    assert set(statuses) <= {200, 404}
    assert installed.unit("petition-web", "MainPID") != before


def test_following_the_page_again_changes_no_secret_and_nothing_that_runs(installed: Installed) -> None:
    settings = installed.machine.root / SETTINGS.lstrip("/")
    before = settings.read_text(encoding="utf-8")
    installed.follow([command for command in commands_of(PAGE)[1:] if "apt-get" not in command])
    assert settings.read_text(encoding="utf-8") == before
    assert installed.ask(PETITION_PATH)[0] == 200


def test_an_upgrade_lies_beside_what_is_served_until_it_takes_its_place(installed: Installed) -> None:
    pack(NEXT_VERSION, installed.machine.root / "root")
    commands = commands_of(UPGRADE)
    assert commands[0] == f'export VERSION={NEXT_VERSION} OLD="$(readlink /srv/petition/current)"'
    # Somebody has a CDN before the site.
    ours = "/etc/nginx/petition"
    installed.machine.run(f"cp {ours}/petition-cdn.conf.example {ours}-cdn.conf")
    installed.machine.run(f"ln -sf {ours}/petition-behind-cdn.conf {ENABLED}")
    installed.follow(commands)
    assert "petition-behind-cdn.conf" in installed.machine.run(f"readlink {ENABLED}").stdout
    installed.machine.run(f"ln -sf {ours}/petition.conf {ENABLED}; systemctl restart nginx")
    main = installed.unit("petition-web", "MainPID")
    where = installed.machine.run(f"readlink /proc/{main}/cwd; readlink -f /srv/petition/current").stdout.split()
    assert where == [f"/srv/petition/releases/petition-{NEXT_VERSION}"] * 2
    assert installed.ask(PETITION_PATH)[0] == 200


def test_the_site_comes_back_from_its_backup_without_whoever_has_withdrawn_since(installed: Installed) -> None:
    machine = installed.machine
    identity = pyrage.x25519.Identity.generate()
    machine.run(f"sed -i 's/^BACKUP_RECIPIENT=.*/BACKUP_RECIPIENT={identity.to_public()}/' {SETTINGS}")
    (machine.root / "root" / "petition-backup.key").write_text(f"{identity}\n", encoding="ascii")
    sent = len(installed.mails.letters)
    form = signer(visibility="COUNTED", version="1")
    assert installed.ask(PETITION_PATH, form)[0] == 303
    confirm(installed, sent)
    count = "runuser -u postgres -- psql -qAt -d petition -c 'SELECT count(*) FROM signatures_signature'"
    machine.run("petition backup")
    before = int(machine.run(f"cd /; {count}").stdout)
    assert installed.ask(f"{PETITION_PATH}my-signature/", {"email": form["email"]})[0] == 200
    mail = email.message_from_bytes(installed.mails.next_after(sent + 1), policy=email.policy.default)
    found = re.search(rf"https://{re.escape(SITE)}(/\S+/my-signature/\S+/)", text_of(mail))
    assert found
    assert installed.ask(found[1], {"action": "WITHDRAW"})[0] == 200

    installed.follow(commands_of(RESTORE))
    assert any("This database may serve." in said for said in installed.said)
    assert int(machine.run(f"cd /; {count}").stdout) == before - 1
    assert installed.ask(PETITION_PATH)[0] == 200
    assert machine.run("ls /var/lib/petition").stdout.split() == ["backups", "journal"]
    assert "petition_before" not in machine.run("cd /; runuser -u postgres -- psql -qAt -l").stdout
    assert not (machine.root / "root" / "petition-backup.key").exists()
