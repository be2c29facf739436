"""gunicorn's log without network addresses, paths or anything else that a visitor sent."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from petition_site.server.logs import TypeOnlyFormatter

# How gunicorn's messages about a single request begin; all that follows quotes the request.
REQUEST_MESSAGES = ("Invalid request", "Error handling request")
# A visitor who stops in the middle of a request is cut off, which is nothing to report.
CUT_OFF = ("Socket error processing request", (BlockingIOError, TimeoutError))


class ServerLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """Logs that a request failed and in which frames, not whose it was or what it said."""

    def setup(self, cfg: Any) -> None:
        """Set up the handlers as gunicorn does, then put our formatter and filter on all of them."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(TypeOnlyFormatter("%(levelname)s gunicorn[%(process)d] %(message)s"))
        if drop_request not in self.error_log.filters:
            self.error_log.addFilter(drop_request)


def drop_request(record: logging.LogRecord) -> bool:
    """Cut a message about a request to its fixed beginning; let every message pass but that a visitor was cut off."""
    if str(record.msg).startswith(CUT_OFF[0]) and record.exc_info and isinstance(record.exc_info[1], CUT_OFF[1]):
        return False
    for beginning in REQUEST_MESSAGES:
        if str(record.msg).startswith(beginning):
            record.msg, record.args = beginning, ()
    return True
