"""The web server's options from the environment, shared by gunicorn.conf.py and the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass

from petition_site.env import Reader

PROCESSES_MAX = 256
THREADS_MAX = 256
SECONDS_MAX = 600


@dataclass(frozen=True)
class WebServer:
    """The listeners, processes and limits of the web server.

    :param bind: listeners for all visitors
    :param onion_listeners: listeners that Tor's onion service connects to
    :param onion_circuits: whether Tor sends the circuit at the beginning of each of these connections
    :param workers: number of processes
    :param threads: number of threads in each process
    :param request_seconds: deadline for receiving one request, headers and body together
    """

    bind: list[str]
    onion_listeners: list[str]
    onion_circuits: bool
    workers: int
    threads: int
    request_seconds: int


def read_web_server(read: Reader) -> WebServer:
    """Read the options; problems are recorded in the reader."""
    bind = read.listeners("BIND", default="127.0.0.1:8000")
    onion_listeners = read.listeners("ONION_LISTENERS", default="", of_onion=True)
    onion_circuits = read.flag("ONION_CIRCUITS")
    if onion_circuits and not onion_listeners:
        read.problems.append("ONION_CIRCUITS needs ONION_LISTENERS, where Tor names the circuits.")
    return WebServer(
        bind=bind,
        onion_listeners=onion_listeners,
        onion_circuits=onion_circuits,
        workers=read.number("WEB_WORKERS", default=os.cpu_count() or 1, low=1, high=PROCESSES_MAX),
        threads=read.number("WEB_THREADS", default=4, low=1, high=THREADS_MAX),
        request_seconds=read.number("REQUEST_SECONDS", default=20, low=1, high=SECONDS_MAX),
    )
