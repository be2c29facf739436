"""The one error that a local start stops with."""

from __future__ import annotations


class StartError(Exception):
    """Says in one sentence why the site, or its PostgreSQL, cannot start."""
