"""Keeps personal data out of the log: requests appear as route and status, exceptions as type and frames.

One kind of exception keeps a sentence: why PostgreSQL refused a connection, which holds nothing of a visitor.
"""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus
from types import TracebackType

from signatures.outages import refusal_of

REQUEST_LOGGERS = ("django.request", "django.security", "django.server", "modern_csrf")


class RouteOnlyFilter(logging.Filter):
    """Replaces messages about requests, which contain paths, hosts and origins, by the status and the route's name.

    Messages about rejected requests also lose their stack trace, and become warnings at most.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record about a request, and let every record pass."""
        if record.name.startswith(REQUEST_LOGGERS):
            match = getattr(getattr(record, "request", None), "resolver_match", None)
            route = match.view_name if match else "no route"
            status = getattr(record, "status_code", "-")
            record.msg, record.args = "%s %s", (status, route)
            if isinstance(status, int) and status < HTTPStatus.INTERNAL_SERVER_ERROR:
                # The request was wrong, which no operator can fix, and a thousand such requests must not fill the log
                # with a thousand stack traces.
                record.exc_info = record.exc_text = None
                record.levelno = min(record.levelno, logging.WARNING)
                record.levelname = logging.getLevelName(record.levelno)
        return True


class TypeOnlyFormatter(logging.Formatter):
    """Formats exceptions without their messages, since those may quote what a visitor sent."""

    def formatException(  # noqa: N802 - the name is the standard library's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Return the frames and the type of the exception, and of those that caused it."""
        parts: list[str] = []
        error = ei[1]
        seen: set[int] = set()
        # Causes can form a cycle.
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = "".join(traceback.format_tb(error.__traceback__))
            # Not twice: Django's error is caused by psycopg2's.
            refusal = refusal_of(error) if type(error).__module__.startswith("psycopg2") else ""
            parts.append(
                f"{frames}{type(error).__module__}.{type(error).__qualname__}" + (f": {refusal}" if refusal else "")
            )
            error = error.__cause__ or error.__context__
        return "\ncaused by\n".join(parts)
