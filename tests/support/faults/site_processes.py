"""The whole site as real processes that can be killed, with a mail server and visitors."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import NoReturn

import psutil
import psycopg2

from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.server.local_site import ROOT, STOP_SECONDS
from tests.support.server.web_site import Answer, WebSite
from tryout.orphans import end_with_parent

UNLIMITED = {"FORM_RATES": "1000000/m"}
MAIL_WORKERS = 3
WAIT_SECONDS_MAX = 60
POLL_SECONDS = 0.05
STANDSTILL_SECONDS = 1
IN_HAND_SECONDS = 3


@dataclass
class Crew:
    """A running site; the test's thread must start the processes, since they end with the thread that started them."""

    site: WebSite
    mail: Behaviour
    mail_url: str
    mail_workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    @property
    def worker_log(self) -> Path:
        """Return the path of the mail workers' log."""
        return self.site.folder / "worker.log"

    def start_mail_worker(self) -> None:
        """Start one more mail worker."""
        with self.worker_log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "work"],
                cwd=ROOT,
                env={**os.environ, **self.site.env, "DATABASE_URL": self.site.database_url, "EMAIL_URL": self.mail_url},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it makes one system call
            )
        self.mail_workers.append(worker)

    def kill_web_worker(self) -> None:
        """Kill a web worker with SIGKILL; the web server replaces it."""
        workers = self.site.workers()
        if workers:
            random.choice(workers).kill()  # noqa: S311
            self.kills["web"] += 1

    def kill_mail_worker(self) -> None:
        """Kill a mail worker, preferably one that is sending a mail, and start another, as systemd does."""
        self.wait_until(lambda: self.beats() >= self.kills["mail"] + MAIL_WORKERS - 1, "the mail workers work")
        until = time.monotonic() + IN_HAND_SECONDS
        while not (sending := self.sending()) and self.mails_waiting() and time.monotonic() < until:
            time.sleep(POLL_SECONDS / 10)
        worker = (sending or self.mail_workers)[0]
        worker.kill()
        worker.wait(STOP_SECONDS)
        self.mail_workers.remove(worker)
        self.kills["mail"] += 1
        self.kills["mail in hand"] += bool(sending)
        self.start_mail_worker()

    def sending(self) -> list[subprocess.Popen[bytes]]:
        """Return the mail workers that are waiting for the mail server while sending a mail."""
        if not self.mail.lingering:
            return []
        ports = {
            worker.pid: {connection.laddr.port for connection in psutil.Process(worker.pid).net_connections("tcp")}
            for worker in self.mail_workers
        }
        return [worker for worker in self.mail_workers if ports[worker.pid] & self.mail.lingering]

    def mails_waiting(self) -> int:
        """Return how many mails are not sent yet."""
        return int(self.site.query("SELECT count(*) FROM signatures_outgoingmail")[0][0])

    def beats(self) -> int:
        """Return how many mail workers have ever run."""
        return int(self.site.query("SELECT count(*) FROM signatures_workerbeat")[0][0])

    def stop(self) -> None:
        """Stop everything gracefully."""
        for worker in self.mail_workers:
            worker.terminate()
        for worker in self.mail_workers:
            worker.wait(STOP_SECONDS)
        self.site.stop()

    def wait_for_mails(self) -> None:
        """Wait until all mails are sent; claims of killed workers expire as if five minutes had passed."""
        before, progress = -1, time.monotonic()
        while time.monotonic() - progress < WAIT_SECONDS_MAX:
            waiting = self.mails_waiting()
            if waiting == 0:
                return
            if waiting == before:
                self.site.query("UPDATE signatures_outgoingmail SET claimed_until = now() WHERE claimed_until > now()")
            else:
                before, progress = waiting, time.monotonic()
            time.sleep(STANDSTILL_SECONDS)
        self.fail("mails are sent")

    def wait_until(self, is_so: Callable[[], bool], what: str) -> float:
        """Wait until a condition holds, and return how many seconds that took."""
        begin = time.monotonic()
        while not self.tells(is_so):
            if time.monotonic() - begin > WAIT_SECONDS_MAX:
                self.fail(what)
            time.sleep(POLL_SECONDS)
        return time.monotonic() - begin

    def tells(self, is_so: Callable[[], bool]) -> bool:
        """Return whether a condition holds; False if the database is unavailable."""
        try:
            return is_so()
        except (OSError, HTTPException, psycopg2.Error):
            return False

    def fail(self, what: str) -> NoReturn:
        """Fail the test with the processes' output."""
        logs = f"{self.site.log[-3000:]}\n{self.worker_log.read_text(encoding='utf-8')[-3000:]}"
        message = f"after {WAIT_SECONDS_MAX} seconds it is still not so that {what}:\n{logs}"
        raise AssertionError(message)


@contextmanager
def running_crew(database_url: str, folder: Path) -> Iterator[Crew]:
    """Run a site with its mail workers and its mail server."""
    mail = Behaviour()
    with ExitStack() as stack:
        mail_url = stack.enter_context(mail_server(mail))
        crew = Crew(WebSite(database_url, folder, UNLIMITED), mail, mail_url)
        stack.callback(crew.stop)
        crew.site.start()
        for _ in range(MAIL_WORKERS):
            crew.start_mail_worker()
        yield crew


class Visitors:
    """Threads that process jobs one after the other, until there are no more or they are stopped.

    A job records its own result; its exceptions are raised again by ``join``.
    """

    def __init__(self, amount: int, jobs: Iterable[Callable[[], None]]) -> None:
        self._jobs = iter(jobs)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(amount)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                with self._lock:
                    job = next(self._jobs, None)
                if job is None:
                    return
                job()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the test
            self._errors.append(error)
            self._stopping.set()

    def are_busy(self) -> bool:
        """Return whether any thread is still running."""
        return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Stop after the current jobs."""
        self._stopping.set()
        self.join()

    def join(self) -> None:
        """Wait for all threads and raise the first exception of a job."""
        for thread in self._threads:
            thread.join(WAIT_SECONDS_MAX)
        assert not self.are_busy(), "a visitor hangs"
        if self._errors:
            raise self._errors[0]


def try_once(send: Callable[[], Answer]) -> Answer | None:
    """Return the response, or None if the server was killed before it responded."""
    try:
        return send()
    except (OSError, HTTPException):
        return None
