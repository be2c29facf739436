"""Lists every route of the site, so that new ones are attacked automatically."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
LEFT_OVER = re.compile(r"[\\^$()<>?*|]")


@dataclass(frozen=True)
class Route:
    """A URL pattern.

    pattern: the path with its parameters in braces.
    parameters: parameter names, in order.
    """

    name: str
    pattern: str
    parameters: tuple[str, ...]

    @property
    def is_admin(self) -> bool:
        """Return whether it belongs to the admin."""
        return self.pattern.startswith("/admin/")


def all_routes(patterns: Sequence[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[Route]:
    """Yield every route below a prefix, by default those of the whole site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = str(pattern.pattern)
        if isinstance(pattern.pattern, RoutePattern):
            path = prefix + PARAMETER.sub(r"{\1}", route)
        else:
            path = prefix + GROUP.sub(r"{\1}", route).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from all_routes(pattern.url_patterns, path)
        else:
            assert not LEFT_OVER.search(path), path
            yield Route(pattern.name or pattern.lookup_str, path, tuple(re.findall(r"{(\w+)}", path)))
