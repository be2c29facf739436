"""Reads pages as a visitor does."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import gettext

from signatures.models import Petition

COUNT = re.compile(r'class="count-number">.*?<strong>(.*?)</strong>', re.DOTALL)


def page_of(petition: Petition, name: str = "petition", language: str = "en") -> str:
    """Return the path of one of a petition's pages."""
    return reverse(name, kwargs={"language": language, "slug": petition.slug})


def read(client: Client, path: str, **headers: str) -> str:
    """Open a page that must exist, and return its HTML."""
    response = client.get(path, headers=headers)
    assert response.status_code == 200, f"{path}: {response.status_code}"
    return response.content.decode()


def shown_count(petition: Petition, language: str = "en") -> str:
    """Return the number on the petition's page, with an empty cache."""
    found = COUNT.search(read(Client(), page_of(petition, language=language)))
    assert found is not None
    return found.group(1)


def words(response: HttpResponse | str) -> str:
    """Return a page's text without tags and with normalised whitespace."""
    text = response if isinstance(response, str) else response.content.decode()
    return " ".join(html.unescape(strip_tags(text)).replace("\N{NO-BREAK SPACE}", " ").split())


def in_language(message: str, language: str, **values: object) -> str:
    """Return the translation of one of our sentences; it must be in the letters of the language."""
    with translation.override(language):
        text = gettext(message)
    assert bool(re.search("[а-яё]", text)) == (language == "ru"), f"not translated: {message}"
    return " ".join((text % values).replace("\N{NO-BREAK SPACE}", " ").split())


def field_value(response: HttpResponse | str, name: str) -> str | None:
    """Return the value of a form's input, or None if there is no such input."""
    text = response if isinstance(response, str) else response.content.decode()
    for tag in re.findall(r"<input\b[^>]*>", text):
        if re.search(rf'\bname="{name}"', tag):
            value = re.search(r'\bvalue="([^"]*)"', tag)
            return html.unescape(value.group(1)) if value else ""
    return None


def chosen(response: HttpResponse, name: str) -> str | None:
    """Return the value of the checked radio button or the selected option, or None if nothing is chosen."""
    page = response.content.decode()
    for tag in re.findall(r"<input\b[^>]*>", page):
        if re.search(rf'\bname="{name}"', tag) and re.search(r"\bchecked\b", tag):
            found = re.search(r'\bvalue="([^"]*)"', tag)
            return found.group(1) if found else "on"
    select = re.search(rf'<select\b[^>]*\bname="{name}".*?</select>', page, re.DOTALL)
    option = select and re.search(r'<option value="([^"]*)" selected>', select.group(0))
    return option.group(1) if option else None
