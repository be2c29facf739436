"""Which public pages a copy holds, and how each is made without a server."""

from __future__ import annotations

import io
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import override

from signatures.baking.rewriting import links_of
from signatures.languages import site_languages
from signatures.publishing.mirrors import KEY, LIST, SIGNATURE
from signatures.texts.shown_version import OtherLanguageError

# The public addresses that a copy holds, by name.
BAKED = {
    "petition_list",
    "petition_list_page",
    "privacy",
    "accessibility",
    "petition",
    "deliveries",
    "delivery_manifest",
    "delivery_signature",
    "delivery_public_key",
    "updates",
    "ledger",
    "ledger_json",
    "text_version",
    "card",
    "logo",
    "picture",
    "mirrors",
    "mirrors_signature",
    "mirrors_key",
}
# The others, each with the reason.
LEFT_OUT = {
    "signers": "names: whoever withdraws could not be taken out of a copy",
    "sent": "belongs to a form",
    "thanks": "belongs to a form",
    "my_signature_request": "a form",
    "confirm_entry": "a form",
    "confirm": "a form",
    "my_signature": "a form",
    "no_mail": "a form",
    "no_alerts": "a form",
    "news_by_mail": "a form",
    "confirm_news": "a form",
    "no_news": "a form",
    "home": "leads elsewhere by the visitor's language; a copy begins with a page of languages",
    "first_list_page": "leads elsewhere",
    "qr": "leads from paper to the site",
    "api": "for programs, which want the newest number",
    "api_days": "likewise",
    "badge": "stands on other sites, and shows the newest number",
    "feed": "for programs, which look for what is new",
    "sitemap": "search engines should find the site itself",
    "robots": "likewise",
    "security": "speaks of the server",
    "live": "of the server",
    "ready": "of the server",
    "metrics": "of the server",
}


@dataclass(frozen=True)
class Made:
    """A page as the site would have answered: its bytes, and whether they are HTML."""

    content: bytes
    is_html: bool
    language: str


def make(path: str) -> Made | None:
    """Return what the site answers to a path, or None if that is no page of a copy.

    The view alone is asked: what stands around it on a server (cookies, limits, switches) has no part in a copy.
    """
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if match.url_name not in BAKED:
        return None
    language = str(match.kwargs.get("language", settings.LANGUAGE_CODE))
    request = _request(path)
    request.resolver_match = match
    try:
        with override(language):
            response = match.func(request, *match.args, **match.kwargs)
    except (Http404, OtherLanguageError):
        return None
    if response.status_code != HTTPStatus.OK:
        return None
    return Made(response.content, response.headers.get("Content-Type", "").startswith("text/html"), language)


def every_page() -> dict[str, Made]:
    """Return all pages of a copy by path: those of the site in each language, and whatever they lead to."""
    names = ("petition_list", "privacy", "accessibility")
    waiting = [reverse(name, kwargs={"language": language}) for language in site_languages() for name in names]
    waiting += [LIST, SIGNATURE, KEY]
    found: dict[str, Made] = {}
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        made = make(path)
        if made is None:
            continue
        found[path] = made
        # The share picture is named in the head alone, as an address of the site.
        linked = {local_path(path, link) for link in links_of(made.content)} if made.is_html else set()
        for other in sorted(link for link in linked - seen if link is not None):
            seen.add(other)
            waiting.append(other)
    return found


def local_path(page: str, link: str) -> str | None:
    """Return the path that a link on a page leads to, or None if it leads to another site."""
    parts = urlsplit(urljoin(settings.SITE_ORIGIN + page, link))
    return parts.path if f"{parts.scheme}://{parts.netloc}" == settings.SITE_ORIGIN else None


def _request(path: str) -> WSGIRequest:
    site = urlsplit(settings.SITE_ORIGIN)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "HTTP_HOST": site.netloc,
            "SERVER_NAME": site.hostname or "",
            "SERVER_PORT": str(site.port or ""),
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": io.BytesIO(),
        }
    )
