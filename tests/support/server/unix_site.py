"""A stand-in for the site behind a proxy: an HTTP server at a Unix socket."""

from __future__ import annotations

import socketserver


class UnixServer(socketserver.ThreadingUnixStreamServer):
    """Takes as many connections at once as nginx makes."""

    request_queue_size = 100
    daemon_threads = True
