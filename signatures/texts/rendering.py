"""Turns Markdown into safe HTML."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe

from signatures.texts.linking import TextParser, is_allowed

# Every printer of a text reads it with this parser.
MARKDOWN = TextParser()
TAGS = {
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "blockquote",
    "a",
    "br",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"https", "http", "mailto"}
# Texts of petitions and replies, which hardly ever change, and are shown on pages that no cache may keep.
TEXTS_KEPT = 64


@lru_cache(TEXTS_KEPT)
def render_markdown(text: str) -> SafeString:
    """Return sanitised HTML: no raw HTML, images, styles or scripts, only absolute links to the web and to mail.

    :param text: CommonMark; headings of the first level become the second, since the page has its own title
    """
    html = MARKDOWN.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_filtered,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just sanitised it


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or is_allowed(value) else None
