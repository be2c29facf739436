"""Counts the answers of all processes by route and status, and how long they took."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver

from signatures.event_counts import REQUEST_SLOTS, SECONDS_SLOTS, counts

# Statuses that the site answers with; every other one counts as a status of 0.
STATUSES = (
    *(200, 204, 206, 301, 302, 303, 304, 307, 308),
    *(400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414, 415, 416, 421, 422, 429, 431),
    *(500, 501, 502, 503, 504),
    0,
)
STATUS_PLACES = {status: place for place, status in enumerate(STATUSES)}
# What no route answers: files, and whatever was answered before the address was looked at, or has none.
STATIC = "static"
UNRESOLVED = "unresolved"
# Upper bounds in seconds; a last one without bound follows.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MICROSECONDS = 1_000_000
SUM_SLOT = SECONDS_SLOTS.start + len(BOUNDS) + 1


@cache
def route_places() -> dict[str, int]:
    """Return the place of each route's name, the same in every process, since it comes from the code alone."""
    found = {STATIC, UNRESOLVED, *_names(get_resolver().url_patterns, ())}
    places = {name: place for place, name in enumerate(sorted(found))}
    if len(places) * len(STATUSES) > len(REQUEST_SLOTS):
        message = "There are more routes than REQUEST_SLOTS has room for."
        raise ValueError(message)
    return places


def _names(patterns: Sequence[URLPattern | URLResolver], namespaces: tuple[str, ...]) -> Iterator[str]:
    """Yield the names as ``ResolverMatch.view_name`` spells them."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _names(pattern.url_patterns, inner)
        else:
            yield ":".join((*namespaces, pattern.name or pattern.lookup_str))


def route_of(request: HttpRequest) -> str:
    """Return the name of the route that answered a request, never a path: paths hold codes and tokens."""
    match = request.resolver_match
    if match is not None and match.view_name in route_places():
        return match.view_name
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else UNRESOLVED


def count_answer(route: str, status: int, seconds: float) -> None:
    """Count an answer.

    :param route: as ``route_of`` names it
    :param seconds: from the request to the first byte of the answer
    """
    place = STATUS_PLACES.get(status, STATUS_PLACES[0])
    counts.add(REQUEST_SLOTS.start + route_places()[route] * len(STATUSES) + place)
    counts.add(SECONDS_SLOTS.start + bisect_left(BOUNDS, seconds))
    counts.add(SUM_SLOT, round(seconds * MICROSECONDS))


def answers() -> dict[tuple[str, int], int]:
    """Return how many answers there were since the start of the server, by route and status, without zeros."""
    places = route_places()
    begin = REQUEST_SLOTS.start
    totals = counts.totals(range(begin, begin + len(places) * len(STATUSES)))
    return {
        (route, status): amount
        for route, place in places.items()
        for offset, status in enumerate(STATUSES)
        if (amount := totals[place * len(STATUSES) + offset])
    }


def durations() -> tuple[list[int], float]:
    """Return how many answers took up to each of BOUNDS and longer, and the sum of their times in seconds."""
    totals = counts.totals(range(SECONDS_SLOTS.start, SUM_SLOT + 1))
    return totals[:-1], totals[-1] / MICROSECONDS
