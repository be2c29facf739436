"""Rewrites a page of the site for a copy: no scripts, no forms, links to files beside it or to the living site."""

from __future__ import annotations

import html
from collections.abc import Callable
from html.parser import HTMLParser

# What leads somewhere, by element. The content of og:image is an address, too.
LINKS = {("a", "href"), ("link", "href"), ("img", "src"), ("meta", "content")}
# They are left out with all that is in them; a form leaves a link to the living one.
LEFT_OUT = {"script", "form"}
# Marks an element that belongs to the living site alone; none of its kind stands within it.
LIVING = "data-living"
# They mean nothing without a form; some stand outside the one that they belong to.
OF_FORMS = {"input", "button", "select", "textarea"}
WITHOUT_END = {"input"}


def links_of(content: bytes) -> set[str]:
    """Return the links of a page, those within forms and scripts left out."""
    found: set[str] = set()

    def note(element: str, link: str) -> str:
        found.add(link)
        return link

    rewritten(content, link=note, after_main="", in_place_of_form="", in_head="")
    return found


def rewritten(
    content: bytes, *, link: Callable[[str, str], str], after_main: str, in_place_of_form: str, in_head: str
) -> bytes:
    """Return a page without scripts and forms.

    :param link: returns what a link is replaced by, given its element and itself
    :param after_main: HTML that begins the page's content
    :param in_place_of_form: HTML that stands where the page had a form that is sent
    :param in_head: HTML that begins the head
    """
    page = _Page(link, {"main": after_main, "head": in_head}, in_place_of_form)
    page.feed(content.decode())
    page.close()
    return "".join(page.parts).encode()


class _Page(HTMLParser):
    """Writes a page again as it is read."""

    def __init__(self, link: Callable[[str, str], str], beginnings: dict[str, str], in_place_of_form: str) -> None:
        super().__init__(convert_charrefs=False)
        self.link = link
        self.beginnings = beginnings
        self.in_place_of_form = in_place_of_form
        self.parts: list[str] = []
        # The element that is being left out.
        self.left_out = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an element's start, unless it is left out."""
        if self.left_out:
            return
        if tag in LEFT_OUT or LIVING in dict(attrs) or (tag in OF_FORMS and tag not in WITHOUT_END):
            self.left_out = tag
            if tag == "form":
                self.parts.append(self.in_place_of_form)
            return
        if tag in OF_FORMS or _is_of_servers(dict(attrs)):
            return
        self.parts.append(self._start(tag, attrs))
        self.parts.append(self.beginnings.get(tag, ""))

    def _start(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        written = [tag]
        for name, value in attrs:
            if name.startswith("data-"):
                continue
            if value is None:
                written.append(name)
                continue
            if (tag, name) in LINKS and _is_address(tag, value):
                value = self.link(tag, value)  # noqa: PLW2901 - the same attribute
            written.append(f'{name}="{html.escape(value)}"')
        return f"<{' '.join(written)}>"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an element that has no end, however it is written."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Write an element's end."""
        if self.left_out:
            self.left_out = "" if tag == self.left_out else self.left_out
            return
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Write text."""
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        """Write a named character."""
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Write a numbered character."""
        self._write(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        """Write the document's type."""
        self._write(f"<!{decl}>")

    def _write(self, text: str) -> None:
        if not self.left_out:
            self.parts.append(text)


def _is_of_servers(attributes: dict[str, str | None]) -> bool:
    """Return whether an element tells browsers of another address, as only a server of the site may."""
    return attributes.get("http-equiv", "") == "onion-location"


def _is_address(element: str, value: str) -> bool:
    return element != "meta" or value.startswith(("http://", "https://"))
