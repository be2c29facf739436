"""Addresses of pages, relative and absolute."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from signatures.languages import name_of, offered
from signatures.models.choices import SharePlace


@dataclass(frozen=True)
class LanguageLink:
    """A page in one of its languages.

    :param name: of the language, in itself
    """

    code: str
    name: str
    url: str


def language_links(urls: dict[str, str]) -> list[LanguageLink]:
    """Return a link for each language of a page.

    :param urls: its paths by language
    """
    return [LanguageLink(code, name_of(code), url) for code, url in urls.items()]


def petition_url(name: str, language: str, slug: str, **further: int) -> str:
    """Return the path of one of a petition's pages in a language, or in the site's default where it offers no such.

    :param further: what else stands in the address
    """
    return reverse(name, kwargs={"language": offered(language), "slug": slug, **further})


class PetitionUrls:
    """The paths of a petition's pages in a language, each by its name; a template reads them as attributes."""

    def __init__(self, slug: str, language: str) -> None:
        """Take the petition and the language."""
        self._slug = slug
        self._language = language

    def __getitem__(self, name: str) -> str:
        """Return the path of a page that needs nothing else in its address."""
        return petition_url(name, self._language, self._slug)

    def of(self, name: str, **further: int) -> str:
        """Return the path of a page of which there are several."""
        return petition_url(name, self._language, self._slug, **further)


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
