"""The error with which a local start stops."""

from __future__ import annotations


class StartError(Exception):
    """Its message says in one sentence why the site, or its PostgreSQL, cannot start."""
