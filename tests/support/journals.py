"""Erasure journals of the databases of tests: one that knows of another database would keep a site from serving."""

from __future__ import annotations

import os
from urllib.parse import urlsplit


def environment_of(database_url: str) -> dict[str, str]:
    """Return the environment of a process of the site on a database, with a journal of that database alone."""
    name = urlsplit(database_url).path.strip("/")
    return {**os.environ, "DATABASE_URL": database_url, "ERASURE_JOURNAL": f"{os.environ['ERASURE_JOURNAL']}-{name}"}
