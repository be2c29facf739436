"""Removes network addresses, paths and everything else that a visitor sent from gunicorn's log."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from petition_site.server.logs import TypeOnlyFormatter

# The beginnings of gunicorn's messages about a single request; the rest of them quotes the request.
REQUEST_MESSAGES = ("Invalid request", "Error handling request")
# A connection that stalls in the middle of a request is closed, which is not worth a message.
CUT_OFF = ("Socket error processing request", (BlockingIOError, TimeoutError))


class ServerLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """Logs that a request failed, with stack frames, but nothing about the request or its sender."""

    def setup(self, cfg: Any) -> None:
        """Set up gunicorn's handlers, then add our formatter to each and our filter to the log."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(TypeOnlyFormatter("%(levelname)s gunicorn[%(process)d] %(message)s"))
        if drop_request not in self.error_log.filters:
            self.error_log.addFilter(drop_request)


def drop_request(record: logging.LogRecord) -> bool:
    """Cut a message about a request to its fixed beginning, and drop messages about closed stalled connections."""
    if str(record.msg).startswith(CUT_OFF[0]) and record.exc_info and isinstance(record.exc_info[1], CUT_OFF[1]):
        return False
    for beginning in REQUEST_MESSAGES:
        if str(record.msg).startswith(beginning):
            record.msg, record.args = beginning, ()
    return True
