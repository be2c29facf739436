"""Configuration of the web server; what differs between machines comes from the environment."""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# gunicorn may have been started in another folder.
chdir = str(Path(__file__).resolve().parent)
sys.path.insert(0, chdir)

from petition_site.core_dumps import forbid_core_dumps  # noqa: E402 - not before the line above
from petition_site.env import Reader  # noqa: E402
from petition_site.server.gunicorn_worker import WebWorker  # noqa: E402
from petition_site.server.options import check_handed_over, listeners_handed_over, read_web_server  # noqa: E402
from signatures.event_counts import counts  # noqa: E402

# For all processes of the web server, and whatever they start.
forbid_core_dumps()
read = Reader()
server = read_web_server(read)
check_handed_over(read, server, listeners_handed_over())
try:
    read.stop_on_problems()
except ImproperlyConfigured as error:
    sys.exit(f"error: {error}")

# Where it listens: addresses such as 127.0.0.1:8000 or unix:/run/petition/web.sock. Sockets that systemd hands over are
# taken in their place. They outlive a restart, which is the way to new code: after SIGHUP the old code goes on, since
# the processes share what was read first, and what SIGUSR2 starts is not found where gunicorn runs as "python -m".
bind = list(dict.fromkeys(server.bind + server.onion_listeners))
umask = 0o007  # of the sockets above: for us and our group, to which the reverse proxy belongs

# Processes and threads: the database does most of the work, so a few threads keep each core busy
worker_class = WebWorker  # gunicorn's "gthread", patient for so many seconds
WebWorker.request_seconds = server.request_seconds
WebWorker.circuit_listeners = frozenset(server.onion_listeners if server.onion_circuits else ())
workers = server.workers
threads = server.threads
preload_app = True  # a wrong configuration stops the start; processes share memory and restart quickly
max_requests = 20_000
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a slow disk must not look like a hang

# Seconds
timeout = 30
graceful_timeout = 30
keepalive = 75  # more than the 60 for which many proxies keep a connection, so that they are the ones to close it
send_timeout = 30  # of a visitor who stops reading the answer

# Nobody tells us who the visitor is or over what they came: petition_site reads forwarded headers, and Tor's circuits
# at the onion's listeners, itself
proxy_protocol = False
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# No access log, no socket for remote control, no word about visitors in the log
accesslog = None
errorlog = "-"
loglevel = "info"  # "debug" would print the environment, and with it every secret
logger_class = "petition_site.server.gunicorn_log.ServerLogger"
capture_output = False
control_socket_disable = True


# What processes count for the metrics. While the server restarts its processes, there are old and new ones.
counts.reserve(2 * workers + 2)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a new process a row to count in that no other one uses; this runs in the parent."""
    worker.counts_row = counts.next_row({other.counts_row for other in list(server.WORKERS.values())})


def post_fork(server: Any, worker: Any) -> None:
    """Let the new process count in its row."""
    counts.row = worker.counts_row


def post_worker_init(worker: Any) -> None:
    """Remove the parts of lists that a process left on the disk which was killed: this one perhaps takes its place."""
    from signatures.delivering.streaming import clear_scratch  # noqa: PLC0415 - the path is set by now

    clear_scratch()


def when_ready(server: Any) -> None:
    """Give every connection the limit above: it has that of the socket that it came in through."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", send_timeout, 0))
