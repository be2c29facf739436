"""The web server's options from the environment, shared by gunicorn.conf.py and the settings."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from petition_site.env import Reader
from signatures.safeguarding.networks import listener_of

PROCESSES_MAX = 256
THREADS_MAX = 256
SECONDS_MAX = 600
# The first of the sockets that systemd hands over (sd_listen_fds(3)).
FIRST_HANDED_OVER = 3


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


def listeners_handed_over() -> list[str]:
    """Return the listeners that systemd hands over to this process, in the notation of the settings.

    gunicorn takes these in place of all others. They stay open while the site is started anew: no request is lost.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    found = []
    for number in range(int(os.environ.get("LISTEN_FDS", "0"))):
        with socket.socket(fileno=os.dup(FIRST_HANDED_OVER + number)) as listener:
            found.append(listener_of(listener.getsockname()))
    return found


def check_handed_over(read: Reader, server: WebServer, handed_over: Sequence[str]) -> None:
    """Record a problem for each listener of the settings that systemd does not hand over, and the other way round.

    The web server would not listen there, or would take onion visitors for others.
    """
    if not handed_over:
        return
    bind = server.bind if {"BIND", "BIND_FILE"} & os.environ.keys() else []
    for name, listeners in (("BIND", bind), ("ONION_LISTENERS", server.onion_listeners)):
        read.problems += [
            f"{name} names {listener}, and systemd hands over {', '.join(handed_over)} alone: name it in a socket unit"
            " of the service, or not here."
            for listener in listeners
            if listener not in handed_over
        ]
    if bind:
        read.problems += [
            f"systemd hands over {listener}, which neither BIND nor ONION_LISTENERS names: leave BIND out, or name it."
            for listener in handed_over
            if listener not in {*bind, *server.onion_listeners}
        ]
