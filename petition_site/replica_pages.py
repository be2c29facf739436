"""Makes public pages from the copy of the database, where the settings name one and it is recent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from signatures.outages import is_outage
from signatures.replica import is_replica_recent, leave_replica_alone, reading_from_replica
from signatures.safeguarding.switches import on_for

# Pages that are the same for everybody, by the names of their addresses. Not those that visitors see after they have
# written something (sent, thanks), nor any with a code or a token, nor the desk, nor what monitoring asks for.
PAGES = frozenset(
    {
        "api",
        "api_days",
        "badge",
        "card",
        "deliveries",
        "delivery_manifest",
        "delivery_public_key",
        "delivery_signature",
        "feed",
        "home",
        "ledger",
        "ledger_json",
        "petition",
        "petition_list",
        "petition_list_page",
        "picture",
        "privacy",
        "security",
        "signers",
        "sitemap",
        "text_version",
        "updates",
    }
)


class ReplicaMiddleware:
    """Calls the view of a public page while its reads go to the copy, and again with the primary if that fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Return the page as made from the copy, or None to have it made from the primary.

        What the copy says is taken for pages alone: that something is not there, or elsewhere, the primary decides.
        """
        match = request.resolver_match
        if match is None or match.view_name not in PAGES or request.method not in {"GET", "HEAD"}:
            return None
        # In an emergency a few seconds are too long: the copy may still show the names that a switch hides.
        if on_for(request) or not is_replica_recent():
            return None
        try:
            with reading_from_replica():
                return view(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, the primary's answer is the one that counts
            if is_outage(error):
                leave_replica_alone()
            return None
