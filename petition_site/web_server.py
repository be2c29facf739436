"""What the web server takes from the environment, read in one way by gunicorn.conf.py and by the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass

from petition_site.env import Reader

PROCESSES_MAX = 256
THREADS_MAX = 256
SECONDS_MAX = 600


@dataclass(frozen=True)
class WebServer:
    """Where it listens and how much it does at once.

    bind: addresses for everybody.
    onion_listeners: addresses that Tor's onion service connects to.
    workers: processes.
    threads: of each process.
    request_seconds: how long a visitor may take to send one request, head and body together.
    """

    bind: list[str]
    onion_listeners: list[str]
    workers: int
    threads: int
    request_seconds: int


def read_web_server(read: Reader) -> WebServer:
    """Read it; what is wrong stands in the reader's problems."""
    return WebServer(
        bind=read.listeners("BIND", default="127.0.0.1:8000"),
        onion_listeners=read.listeners("ONION_LISTENERS", default="", of_onion=True),
        workers=read.number("WEB_WORKERS", default=os.cpu_count() or 1, low=1, high=PROCESSES_MAX),
        threads=read.number("WEB_THREADS", default=4, low=1, high=THREADS_MAX),
        request_seconds=read.number("REQUEST_SECONDS", default=20, low=1, high=SECONDS_MAX),
    )
