"""Configuration of the web server; what differs between machines comes from the environment."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Any


def _words(name: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


# Where it listens: addresses such as 127.0.0.1:8000 or unix:/run/petition/web.sock
bind = list(dict.fromkeys((_words("BIND") or ["127.0.0.1:8000"]) + _words("ONION_LISTENERS")))
umask = 0o007  # of the sockets above: for us and our group, to which the reverse proxy belongs

# Processes and threads: the database does most of the work, so a few threads keep each core busy
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or os.cpu_count() or 1)
threads = int(os.environ.get("WEB_THREADS") or 4)
preload_app = True  # a wrong configuration stops the start; processes share memory and restart quickly
max_requests = 20_000
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a slow disk must not look like a hang

# Seconds
timeout = 30
graceful_timeout = 30
keepalive = 75  # more than the 60 for which nginx keeps a connection, so that nginx is the one to close it
receive_timeout = 10  # of a visitor who stops in the middle of a request, and would hold a thread for ever
send_timeout = 30  # of one who stops reading the answer

# Nobody tells us who the visitor is or over what they came: petition_site reads forwarded headers itself
proxy_protocol = False
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# No access log, no socket for remote control, no word about visitors in the log
accesslog = None
errorlog = "-"
loglevel = "info"  # "debug" would print the environment, and with it every secret
logger_class = "petition_site.server_log.ServerLogger"
capture_output = False
control_socket_disable = True
chdir = str(Path(__file__).resolve().parent)


def post_worker_init(worker: Any) -> None:
    """Remove the parts of lists that a process left on the disk which was killed: this one perhaps takes its place."""
    from signatures.delivering.scratch import clear_scratch  # noqa: PLC0415 - the path is set by now

    clear_scratch()


def when_ready(server: Any) -> None:
    """Give every connection the two limits above: it has those of the socket that it came in through."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", receive_timeout, 0))
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", send_timeout, 0))
