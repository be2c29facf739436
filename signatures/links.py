"""Addresses of pages, relative and absolute."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from signatures.models.choices import SharePlace


def petition_url(name: str, language: str, slug: str) -> str:
    """Return the path of one of a petition's pages in a language."""
    return reverse(name, kwargs={"language": language, "slug": slug})


def share_links(address: str, title: str, places: list[SharePlace]) -> list[tuple[str, str]]:
    """Return the name and the link of each of some places that an address can be passed on to.

    None of them asks us anything.
    """
    url, text = quote(address, safe=""), quote(title, safe="")
    both = quote(f"{title}\n{address}", safe="")
    links = {
        SharePlace.TELEGRAM: f"https://t.me/share/url?url={url}&text={text}",
        SharePlace.WHATSAPP: f"https://wa.me/?text={both}",
        SharePlace.VIBER: f"viber://forward?text={both}",
        SharePlace.VK: f"https://vk.com/share.php?url={url}&title={text}",
        SharePlace.FACEBOOK: f"https://www.facebook.com/sharer/sharer.php?u={url}",
        SharePlace.X: f"https://x.com/intent/post?url={url}&text={text}",
        SharePlace.EMAIL: f"mailto:?subject={text}&body={both}",
    }
    return [(str(place.label), link) for place, link in links.items() if place in places]


def absolute(path: str) -> str:
    """Return a path with the site's origin, for mails and for other sites."""
    return f"{settings.SITE_ORIGIN}{path}"
