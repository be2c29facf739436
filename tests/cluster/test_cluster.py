"""Each part of a cluster is killed in turn while people sign: no answered signature is lost, and none counted twice."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from signatures.safeguarding import keys
from tests.support.cluster.crowd import Crowd, Mailboxes, Record
from tests.support.cluster.debian_postgres import servers_folder
from tests.support.cluster.parts import NAMES, RESTART_SECONDS, wait_until
from tests.support.cluster.stack import Cluster
from tests.support.faults.failing_mail_server import Behaviour, mail_server

pytestmark = pytest.mark.xdist_group("servers")

BEFORE_SECONDS = 1.5
# Forms that must be taken after a part was killed before the next one is.
TAKEN_AFTER = 12
RECOVER_SECONDS = 120
# What a visitor may have to wait for, by part. A lost primary is missed after ttl (20 s), then a standby takes over.
SECONDS_MAX = {"primary": 60.0, "synchronous standby": 30.0}
OTHER_SECONDS_MAX = 20.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Run a whole cluster."""
    mail = Behaviour()
    with mail_server(mail) as url, servers_folder() as folder, pytest.MonkeyPatch.context() as environment:
        # The time limits of other tests: PgBouncer knows no options, and a limit would end the wait for a standby.
        environment.delenv("PGOPTIONS", raising=False)
        running = Cluster(folder, url, mail)
        try:
            running.start()
            yield running
        finally:
            running.stop()


def context_of(cluster: Cluster) -> ssl.SSLContext:
    """Return a TLS context that trusts the cluster's certificate."""
    context = ssl.create_default_context(cafile=str(cluster.folder / "nginx" / "fullchain.pem"))
    context.check_hostname = False
    return context


def restarted(cluster: Cluster, name: str) -> Callable[[], None]:
    """Return what kills a part and starts it again, as systemd does."""

    def run() -> None:
        cluster.parts[name].kill()
        time.sleep(RESTART_SECONDS)
        cluster.parts[name].start()

    return run


def web_restarted(cluster: Cluster) -> None:
    """Kill a web server, and start it again."""
    cluster.kill_web(0)
    time.sleep(RESTART_SECONDS)
    cluster.webs[0].start()


def worker_restarted(cluster: Cluster) -> None:
    """Kill a worker, and start it again."""
    cluster.workers[0].kill()
    time.sleep(RESTART_SECONDS)
    cluster.workers[0].start()


def after_failover(cluster: Cluster, master: str) -> None:
    """Wait until the Sentinels have named another master, and start the old one again."""
    wait_until(lambda: cluster.redis_master() != master, "another Redis is the master", RECOVER_SECONDS)
    cluster.parts[f"redis {master}"].start()


def machine_with(cluster: Cluster, role: str) -> str:
    """Return the machine whose PostgreSQL has a role."""
    found: list[str] = []

    def is_found() -> bool:
        found[:] = [name for name in NAMES if cluster.role(name) == role]
        return len(found) == 1 and cluster.is_whole()

    wait_until(is_found, f"one PostgreSQL is {role}", RECOVER_SECONDS)
    return found[0]


def kills(cluster: Cluster) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """Yield each part with what kills it, and what brings it back once people are served again."""

    def stay() -> None:
        pass

    yield "web server", lambda: web_restarted(cluster), stay
    yield "worker", lambda: worker_restarted(cluster), stay
    yield "nginx", restarted(cluster, "nginx"), stay
    yield "PgBouncer", restarted(cluster, "pgbouncer"), stay
    yield "HAProxy", restarted(cluster, "haproxy"), stay
    wait_until(cluster.sentinels_agree, "the Sentinels know each other", RECOVER_SECONDS)
    master = str(cluster.redis_master())
    yield "Redis, master", cluster.parts[f"redis {master}"].kill, lambda: after_failover(cluster, master)
    name = f"sentinel {NAMES[0]}"
    yield "Sentinel", cluster.parts[name].kill, cluster.parts[name].start
    name = f"etcd {NAMES[0]}"
    yield "etcd, one of three", cluster.parts[name].kill, cluster.parts[name].start
    name = f"postgres {machine_with(cluster, 'sync')}"
    yield "synchronous standby", cluster.parts[name].kill, cluster.parts[name].start
    name = f"postgres {machine_with(cluster, 'primary')}"
    yield "primary", cluster.parts[name].kill, cluster.parts[name].start


def takes_forms(record: Record, since: float) -> Callable[[], bool]:
    """Return what tells whether enough forms were taken after an instant."""
    return lambda: record.taken_since(since) >= TAKEN_AFTER


def stored(cluster: Cluster) -> set[bytes]:
    """Return the keys of the addresses that have a signature that counts."""
    rows = cluster.query("SELECT email_key FROM signatures_signature WHERE state = 'CONFIRMED'")
    assert len(rows) == len({bytes(key) for (key,) in rows})
    return {bytes(key) for (key,) in rows}


def counted(cluster: Cluster) -> int:
    """Return how many signatures the tally counts."""
    return int(cluster.query("SELECT coalesce(sum(amount), 0) FROM signatures_tally WHERE kind = 'CONFIRMED'")[0][0])


def test_nothing_answered_is_lost_or_counted_twice_whatever_is_killed(
    cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    mailboxes = Mailboxes(cluster.mail)
    petition_id = cluster.query("SELECT id FROM signatures_petition")[0][0]
    lines = [f"{'killed':20} {'load/s':>6} {'answered':>8} {'lost':>4} {'doubled':>7} {'seconds':>7}"]
    total = 0
    for name, kill, bring_back in kills(cluster):
        crowd = Crowd(cluster.port, context_of(cluster), mailboxes)
        record = crowd.record
        began = time.monotonic()
        visitors = crowd.begin()
        time.sleep(BEFORE_SECONDS)
        killed_at = time.monotonic()
        kill()
        wait_until(takes_forms(record, killed_at), f"forms are taken after {name} was killed", RECOVER_SECONDS)
        bring_back()
        crowd.is_over = True
        visitors.join()
        seconds = time.monotonic() - began
        wait_until(cluster.is_whole, f"the cluster is whole after {name} was killed", RECOVER_SECONDS)

        rows = stored(cluster)
        confirmed = {keys.email_keys(petition_id, address)[0] for address in record.confirmed}
        lost, doubled = len(confirmed - rows), counted(cluster) - len(rows)
        without = record.seconds_without(killed_at)
        answered = len(record.signed) + len(record.confirmed)
        total += len(record.confirmed) + len(record.unsure)
        lines.append(
            f"{name:20} {len(record.taken_at) / seconds:6.1f} {answered:8} {lost:4} {doubled:7} {without:7.1f}"
        )
        assert (lost, doubled) == (0, 0), lines[-1]
        assert without <= SECONDS_MAX.get(name, OTHER_SECONDS_MAX), lines[-1]
    assert len(stored(cluster)) == total
    request.node.user_properties.append(("figures", "\n".join(["", *lines])))


def test_pages_are_read_from_a_standby_and_nobody_logs_an_error(cluster: Cluster, tmp_path: Path) -> None:
    for web in cluster.webs:
        assert "Traceback" not in web.log
    for worker in cluster.workers:
        assert "Traceback" not in worker.log.read_text(encoding="utf-8")
