"""URLs of pages, relative and absolute, and share links."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from signatures.languages import name_of, offered
from signatures.models.choices import SharePlace


@dataclass(frozen=True)
class LanguageLink:
    """A link to a page in one of its languages.

    :param name: of the language, in that language
    """

    code: str
    name: str
    url: str


def language_links(urls: dict[str, str]) -> list[LanguageLink]:
    """Return a link for each language of a page.

    :param urls: its paths by language code
    """
    return [LanguageLink(code, name_of(code), url) for code, url in urls.items()]


def petition_url(name: str, language: str, slug: str, **further: int) -> str:
    """Return the path of a petition's page in a language, or in the site's default if that language is not offered.

    :param further: further arguments of the URL
    """
    return reverse(name, kwargs={"language": offered(language), "slug": slug, **further})


class PetitionUrls:
    """The paths of a petition's pages in a language by URL name, for templates, which read them as attributes."""

    def __init__(self, slug: str, language: str) -> None:
        """Set the petition's slug and the language code."""
        self._slug = slug
        self._language = language

    def __getitem__(self, name: str) -> str:
        """Return the path of a page whose URL has no further arguments."""
        return petition_url(name, self._language, self._slug)

    def of(self, name: str, **further: int) -> str:
        """Return the path of a page whose URL has further arguments."""
        return petition_url(name, self._language, self._slug, **further)


def share_links(address: str, title: str, places: list[SharePlace]) -> list[tuple[str, str]]:
    """Return the name and the share link of each place for a URL.

    These are plain links: no request goes to any of these places before one is clicked.
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
    """Prefix a path with the site's origin, for mails and other sites."""
    return f"{settings.SITE_ORIGIN}{path}"
