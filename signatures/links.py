"""Addresses of pages, relative and absolute."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse


def petition_url(name: str, language: str, slug: str) -> str:
    """Return the path of one of a petition's pages in a language."""
    return reverse(name, kwargs={"language": language, "slug": slug})


def share_links(address: str, title: str) -> list[tuple[str, str]]:
    """Return the name and the link of each place that an address can be passed on to; none of them asks us anything."""
    url, text = quote(address, safe=""), quote(title, safe="")
    both = quote(f"{title}\n{address}", safe="")
    return [
        ("Telegram", f"https://t.me/share/url?url={url}&text={text}"),
        ("WhatsApp", f"https://wa.me/?text={both}"),
        ("Viber", f"viber://forward?text={both}"),
        ("VK", f"https://vk.com/share.php?url={url}&title={text}"),
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?u={url}"),
        ("X (Twitter)", f"https://x.com/intent/post?url={url}&text={text}"),
        ("E-mail", f"mailto:?subject={text}&body={both}"),
    ]


def absolute(path: str) -> str:
    """Return a path with the site's origin, for mails and for other sites."""
    return f"{settings.SITE_ORIGIN}{path}"
