"""The version of the site, as pyproject.toml and the newest heading of CHANGELOG.md have it."""

from __future__ import annotations

VERSION = "0.1.0"
