"""The organisers' guide at the desk: a page for each task, in the reader's language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from signatures.admin.guide_places import PAGE_FOR
from signatures.languages import Language

FOLDER = Path(settings.BASE_DIR) / "docs" / "organisers"
CONTENTS = "index"
# Where the pictures lie, as seen from a page: a reader of the repository sees them, too.
PICTURES = "../../../static/"
PAGE_LINK = re.compile(r"([a-z-]+)\.md")
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@require_safe
def guide(request: HttpRequest, page: str = CONTENTS) -> HttpResponse:
    """Show a page of the guide.

    :raises Http404: if there is none of this name
    """
    language = str(get_language())
    if page not in pages(language):
        raise Http404
    title, text = shown_page(language, page)
    context = {
        **admin.site.each_context(request),
        "title": title if page != CONTENTS else _("Guide"),
        "text": text,
        "is_contents": page == CONTENTS,
    }
    return render(request, "admin/guide.html", context)


def guide_url(request: HttpRequest) -> str:
    """Return the address of the page of the guide that is about the page of this request, or of its contents."""
    match = request.resolver_match
    page = PAGE_FOR.get(match.url_name or "") if match is not None else None
    return reverse("admin:guide_page", args=[page]) if page else reverse("admin:guide")


@cache
def pages(language: str) -> frozenset[str]:
    """Return the names of the pages in a language."""
    return frozenset(file.stem for file in _folder(language).glob("*.md"))


@cache
def shown_page(language: str, page: str) -> tuple[str, SafeString]:
    """Return the heading of a page, and what stands below it as HTML."""
    environment: dict[str, Any] = {}
    tokens = MARKDOWN.parse((_folder(language) / f"{page}.md").read_text(encoding="utf-8"), environment)
    title = tokens[1].content
    for token in tokens:
        for part in token.children or ():
            _lead_on(part)
    # The guide is part of the program; HTML in it is shown as it was typed.
    html = MARKDOWN.renderer.render(tokens[3:], MARKDOWN.options, environment)
    return title, mark_safe(html)  # noqa: S308


def _folder(language: str) -> Path:
    folder = FOLDER / language
    return folder if folder.is_dir() else FOLDER / Language.EN


def _lead_on(part: Token) -> None:
    """Turn links between files into links between pages of the desk, and those to pictures into addresses."""
    if part.type == "link_open" and (found := PAGE_LINK.fullmatch(urlsplit(str(part.attrs["href"])).path)):
        name = found.group(1)
        part.attrs["href"] = reverse("admin:guide") if name == CONTENTS else reverse("admin:guide_page", args=[name])
    if part.type == "image":
        part.attrs["src"] = static(str(part.attrs["src"]).removeprefix(PICTURES))
        part.attrs["loading"] = "lazy"
