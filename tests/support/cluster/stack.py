"""Builds a whole cluster on one machine: etcd, Patroni, HAProxy, PgBouncer, Redis, Sentinel, web servers, workers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis

from tests.support.cluster.debian_postgres import postgres_programs
from tests.support.cluster.parts import NAMES, Addresses, Part, machine_folder, wait_until, write
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.programs import require_program
from tests.support.server.local_site import ROOT, STOP_SECONDS, free_port
from tests.support.server.nginx_front import HOST, configure, make_certificate, wait_for
from tests.support.server.web_site import WebSite, manage
from tryout.server_account import Account, server_account

PROGRAMS = ("etcd", "patroni", "haproxy", "pgbouncer", "redis-server", "nginx")
WAIT_SECONDS = 120
UPSTREAM = re.compile(r"(?ms)^upstream petition \{.*?^\}\n")


@dataclass
class MailWorker:
    """One ``manage.py work``."""

    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "work"], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)


@dataclass
class Cluster:
    """Everything that runs; ``start`` builds it, and ``stop`` leaves nothing."""

    folder: Path
    mail_url: str
    mail: Behaviour
    at: Addresses = field(default_factory=Addresses)
    account: Account = field(default_factory=server_account)
    parts: dict[str, Part] = field(default_factory=dict)
    webs: list[WebSite] = field(default_factory=list)
    workers: list[MailWorker] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    undo: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start one layer upon the other."""
        programs = {name: require_program(name) for name in PROGRAMS}
        postgres_programs()
        self.add_etcd(programs["etcd"])
        self.add_redis(programs["redis-server"])
        self.add_patroni(programs["patroni"])
        self.add_ways(programs["haproxy"], programs["pgbouncer"])
        wait_until(self.is_whole, "two standbys follow, one of them in step", WAIT_SECONDS)
        self.make_database()
        manage(self.url(), "migrate", "--verbosity=0")
        manage(self.url(), "load_first_petition")
        for name in NAMES[:2]:
            self.add_web(name)
        self.add_nginx(programs["nginx"])

    def add(self, name: str, command: list[str], folder: Path, env: dict[str, str] | None = None) -> Part:
        """Start one more part."""
        part = self.parts[name] = Part(name, command, folder, self.account, env or {})
        self.undo.callback(part.kill)
        part.start()
        return part

    def add_etcd(self, program: str) -> None:
        """Start three of them, which must agree."""
        for name in NAMES:
            folder = machine_folder(self.folder, f"etcd-{name}", self.account)
            text = self.at.fill("etcd.env", name, folder, **{"/var/lib/etcd": str(folder)})
            lines = [line for line in text.splitlines() if line.startswith("ETCD_")]
            self.add(f"etcd {name}", [program], folder, dict(line.split("=", 1) for line in lines))

    def add_redis(self, program: str) -> None:
        """Start a master with two copies, and three Sentinels."""
        for name in NAMES:
            folder = machine_folder(self.folder, f"redis-{name}", self.account)
            text = self.at.fill("redis.conf", name, folder, **{"/var/lib/redis": str(folder)})
            if name != NAMES[0]:
                text += f"\nreplicaof {self.at.machines[NAMES[0]]} 6379\n"
            path = write(folder, "redis.conf", text, self.account)
            self.add(f"redis {name}", [program, str(path)], folder)
        for name in NAMES:
            folder = machine_folder(self.folder, f"sentinel-{name}", self.account)
            text = self.at.fill("sentinel.conf", name, folder, **{"/var/lib/redis": str(folder)})
            path = write(folder, "sentinel.conf", text, self.account)
            self.add(f"sentinel {name}", [program, str(path), "--sentinel"], folder)

    def add_patroni(self, program: str) -> None:
        """Start three PostgreSQL servers under Patroni."""
        for name in NAMES:
            folder = machine_folder(self.folder, f"postgres-{name}", self.account)
            path = write(folder, "patroni.yml", self.at.fill("patroni.yml", name, folder), self.account)
            self.add(f"postgres {name}", [program, str(path)], folder)

    def add_ways(self, haproxy: str, pgbouncer: str) -> None:
        """Start the ways to PostgreSQL that the programs of one machine take."""
        folder = machine_folder(self.folder, "haproxy", self.account)
        # It runs under another account already.
        text = self.at.fill("haproxy.cfg", NAMES[0], folder, **{"    user haproxy\n    group haproxy\n": ""})
        path = write(folder, "haproxy.cfg", text, self.account)
        self.add("haproxy", [haproxy, "-db", "-f", str(path)], folder)
        folder = machine_folder(self.folder, "pgbouncer", self.account)
        users = f'"petition" "{self.at.passwords["PETITION"]}"\n'
        write(folder, "userlist.txt", users, self.account)
        text = self.at.fill("pgbouncer.ini", NAMES[0], folder, **{"/etc/pgbouncer": str(folder)})
        path = write(folder, "pgbouncer.ini", text, self.account)
        self.add("pgbouncer", [pgbouncer, str(path)], folder)

    def add_web(self, name: str) -> None:
        """Start the web server and the worker of a machine."""
        folder = self.folder / f"web-{name}"
        folder.mkdir()
        sentinels = ",".join(f"{address}:26379" for address in self.at.machines.values())
        env = {
            "SITE_ORIGIN": f"https://{HOST}",
            "ALLOWED_HOSTS": "testserver",
            "TRUSTED_PROXIES": "1",
            "FORM_RATES": "1000000/m",
            "WEB_WORKERS": "1",
            "REDIS_URL": f"redis+sentinel://:{self.at.passwords['REDIS']}@{sentinels}/petition/0",
            "DATABASE_REPLICA_URL": self.url("petition_replica"),
        }
        web = WebSite(self.url(), folder, env, [f"{self.at.machines[name]}:8000"])
        self.undo.callback(web.stop)
        web.start()
        self.webs.append(web)
        worker_env = {**os.environ, **env, **web.env, "DATABASE_URL": self.url(), "EMAIL_URL": self.mail_url}
        worker = MailWorker(worker_env, folder / "worker.log")
        self.undo.callback(worker.kill)
        worker.start()
        self.workers.append(worker)

    def add_nginx(self, program: str) -> None:
        """Start what visitors talk to."""
        folder = self.folder / "nginx"
        folder.mkdir(mode=0o755)
        make_certificate(folder)
        path = configure(folder, self.port, free_port())
        rules = path.parent / "petition" / "snippets" / "http.conf"
        text, amount = UPSTREAM.subn(self.at.fill("nginx-upstream.conf", NAMES[0], folder), rules.read_text("utf-8"))
        assert amount == 1
        rules.write_text(text, encoding="utf-8")
        command = [program, "-c", str(path), "-p", str(folder), "-e", str(folder / "early.log")]
        part = self.parts["nginx"] = Part("nginx", command, folder, Account(os.geteuid(), os.getegid(), is_other=False))
        self.undo.callback(part.kill)
        part.start()
        wait_for(self.port)

    def url(self, database: str = "petition") -> str:
        """Return the address of a database through PgBouncer."""
        return f"postgres://petition:{self.at.passwords['PETITION']}@{self.at.local}:6432/{database}?connect_timeout=5"

    def make_database(self) -> None:
        """Make the site's role and its database, as the guide says."""
        self.query(f"CREATE ROLE petition LOGIN PASSWORD '{self.at.passwords['PETITION']}'", "postgres")
        self.query("CREATE DATABASE petition OWNER petition TEMPLATE template0 LOCALE 'C.UTF-8'", "postgres")

    def query(self, statement: str, database: str = "petition") -> list[tuple[Any, ...]]:
        """Run a statement on the primary as PostgreSQL's administrator, past PgBouncer."""
        password = self.at.passwords["POSTGRES"]
        url = f"postgres://postgres:{password}@{self.at.local}:5000/{database}?connect_timeout=5"
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def role(self, name: str) -> str:
        """Return what Patroni says of a machine's PostgreSQL: primary, sync, async, or nothing."""
        for role in ("primary", "sync", "async"):
            with closing(HTTPConnection(self.at.machines[name], 8008, timeout=2)) as link:
                try:
                    link.request("GET", f"/{role}")
                    if link.getresponse().status == 200:
                        return role
                except (OSError, HTTPException):
                    return ""
        return ""

    def is_whole(self) -> bool:
        """Return whether a primary serves, and two standbys follow it, one of them synchronously."""
        with suppress(psycopg2.Error):
            rows = self.query("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'", "postgres")
            return sorted(state for (state,) in rows) == ["async", "sync"]
        return False

    def redis_master(self) -> str | None:
        """Return the machine of the Redis that most Sentinels take for the master."""
        for name in NAMES:
            with suppress(redis.RedisError), closing(redis.Redis(self.at.machines[name], 26379)) as sentinel:
                ip, _port = sentinel.execute_command(  # type: ignore[no-untyped-call]
                    "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "petition"
                )
                return next((known for known, address in self.at.machines.items() if address == ip.decode()), None)
        return None

    def sentinels_agree(self) -> bool:
        """Return whether each Sentinel knows the two others and both copies, without which none takes over."""
        for address in self.at.machines.values():
            try:
                with closing(redis.Redis(address, 26379)) as sentinel:
                    words = sentinel.execute_command("SENTINEL", "MASTER", "petition")  # type: ignore[no-untyped-call]
            except redis.RedisError:
                return False
            # Each fact with its value behind it, as bytes, or by name, depending on the client's protocol.
            facts = words if isinstance(words, dict) else dict(zip(words[::2], words[1::2], strict=True))
            facts = {str(name): int(value) for name, value in facts.items() if b"num-" in str(name).encode()}
            if sorted(facts.values()) != [2, 2]:
                return False
        return True

    def kill_web(self, number: int) -> None:
        """Kill a web server with all its processes."""
        process = self.webs[number].process
        assert process is not None
        parent = psutil.Process(process.pid)
        for one in (parent, *parent.children(recursive=True)):
            one.kill()
        process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Stop everything."""
        self.undo.close()

    def logs(self) -> str:
        """Return the end of what each part has written."""
        return "\n".join(f"--- {name}\n{part.log[-1500:]}" for name, part in self.parts.items())
