"""Canonical JSON: the one form in which content is hashed, so that anyone can compute its digest again."""

from __future__ import annotations

import json
from collections.abc import Mapping


def canonical_json(content: Mapping[str, object]) -> bytes:
    """Return the content as JSON in UTF-8 with sorted keys and no whitespace between tokens (as RFC 8785 orders it)."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
