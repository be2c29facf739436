"""Hostile input, and checks that it does no harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import product
from typing import Any

from django.test import Client

from tests.support.attacks.routes import Route, all_routes

# Long enough not to occur in a form's token by chance.
MARK = "zqkvxw"
PAYLOADS = [
    f'"><{MARK} a=1><script>alert("{MARK}")</script><img src=x onerror=alert(1)>',
    f"'-alert(1)-'\" onfocus=alert(1) autofocus {MARK}='",
    f"{{{{ 1234321|add:4321234 }}}}{{% now 'Y' %}}{{% debug %}}${{7*7}}#{{7*7}} {MARK}",
    f"[a](javascript:alert(1)) ![i](http://evil.example/{MARK}.png) [r][x]\n\n[x]: data:text/html,{MARK}",
    f"<svg/onload=alert(1)><style>*{{}}</style><iframe src=//evil.example></iframe><base href=//evil.example>{MARK}",
    f"'); DROP TABLE signatures_signature; --{MARK}",
    f'=HYPERLINK("http://evil.example";"{MARK}")',
    f"{MARK}\r\nBcc: {MARK}@evil.example\r\n\r\nSet-Cookie: a={MARK}",
    f"%(asctime)s %s %n {{0.__class__}} {MARK}\n2011-01-01 CRITICAL {MARK}",
    f"]]><!--{MARK}--><![CDATA[ &lt;{MARK}&gt; \u202e\u2028",
]
OURS = re.compile(r"/(?!/)|#|\.?$")
NEVER = {MARK, "iframe", "object", "embed", "base", "frame", "applet", "math", "style", "portal", "template"}
# Matches the model's name in an admin URL with a row's id.
OF_MODEL = re.compile(r"/admin/signatures/(\w+)/{")


class Page(HTMLParser):
    """Parses a page like a browser, and collects what a payload has added to it."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note elements and attributes made by a payload."""
        values = {name: (value or "").strip() for name, value in attrs}
        if tag in NEVER or (tag == "script" and not values.get("src")):
            self.wrong.append(f"<{tag}>")
        for name, value in values.items():
            if name.startswith("on") or name == MARK or name in {"style", "srcdoc", "formaction"}:
                self.wrong.append(f"<{tag} {name}>")
            if name in {"src", "action", "data", "poster"} and not OURS.match(value):
                self.wrong.append(f"<{tag} {name}={value}>")
            if name == "href" and re.match(r"(?i)[\s\x00-\x1f]*(javascript|data|vbscript):", value):
                self.wrong.append(f"<{tag} href={value}>")

    handle_startendtag = handle_starttag


def harmless(response: Any, place: str) -> None:
    """Assert that a page displays the payload and is not affected by it."""
    assert response.status_code in {200, 422}, f"{place}: {response.status_code}"
    does_nothing(response, place)


def does_nothing(response: Any, place: str) -> None:
    """Assert that a page, whatever its status, is not affected by a payload."""
    text = response.content.decode()
    # The admin's own icons are inline SVGs in its templates.
    wrong = Page(re.sub(r"<!-- SVGs -->.*?<!-- END SVGs -->", "", text, flags=re.DOTALL)).wrong
    assert wrong == [], f"{place}: {wrong}"
    assert "5555555" not in text, f"{place}: a template was run"
    assert not [name for name, value in response.items() if MARK in name.lower() or MARK in value], place


def examples_of(route: Route, examples: Mapping[str, list[object]]) -> Iterator[str]:
    """Yield the paths of a route with each combination of examples for its parameters.

    examples: by parameter name, and for rows in the admin by model name.
    """
    model = OF_MODEL.match(route.pattern)
    names = {name: model[1] if model and name in {"object_id", "pk", "id"} else name for name in route.parameters}
    for values in product(*(examples[name] for name in names.values())):
        yield route.pattern.format(**dict(zip(names, values, strict=True)))


def look_everywhere(visitor: Client, organiser: Client, examples: Mapping[str, list[object]]) -> set[str]:
    """Open every page of the site, assert that each is harmless, and return the routes that displayed a payload."""
    shown = set()
    for route in all_routes():
        if route.pattern == "/admin/logout/":
            continue
        for path in examples_of(route, examples):
            answer: Any = (organiser if route.is_admin else visitor).get(path)
            assert answer.status_code < 500 or route.name == "ready", path
            kind = answer.headers.get("Content-Type", "")
            if answer.status_code == 200:
                shown.add(route.pattern)
            if kind.startswith("text/html"):
                does_nothing(answer, path)
            elif kind.startswith("application/json"):
                json.loads(answer.content)
            elif kind.startswith("image/png"):
                assert answer.content.startswith(b"\x89PNG")
            elif kind == "application/pdf":
                # Titles stand in it as they are; no browser takes it for a page.
                assert answer.content.startswith(b"%PDF"), path
                assert answer.headers["Content-Disposition"].startswith("attachment"), path
                assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            else:
                assert not [value for value in answer.headers.values() if MARK in value], path
                assert "<script" not in answer.content.decode("latin-1"), path
    return shown
