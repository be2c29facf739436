"""Markdown becomes harmless HTML, whatever an organiser pastes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.texts.html_printer import TAGS, render_markdown

PIECES = st.sampled_from(
    [
        *(
            "<script>",
            "</p>",
            "<style>",
            "<svg/onload=x>",
            "<img src=x onerror=alert(1)>",
            "<a href='data:text/html,x'>",
        ),
        *("[a](javascript:alert(1))", "![x](https://e.example/x.png)", "[x]: javascript:x\n\n[x]", "<javascript:x>"),
        *("**", "_", "`", "#", "\n", "\n\n", "* ", "> ", "1. ", "|", "---", "&lt;", "\\", "\0", "\u202e", "Я", "text"),
    ]
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Весь** *текст*", "<p><strong>Весь</strong> <em>текст</em></p>\n"),
        ("# One\n\n## Two", "<h2>One</h2>\n<h2>Two</h2>\n"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("[a](https://example.org)", '<p><a href="https://example.org" rel="noopener noreferrer">a</a></p>\n'),
        ("[a](mailto:a@example.org)", '<p><a href="mailto:a@example.org" rel="noopener noreferrer">a</a></p>\n'),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>\n"),
    ],
)
def test_the_markup_that_texts_need_is_supported(text: str, html: str) -> None:
    assert render_markdown(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "<javascript:alert(1)>",
        "![a](https://example.org/a.png)",
        '<p style="color:red" onclick="x()">a</p>',
        "<iframe src=https://example.org></iframe>",
        "<style>p{}</style>",
        "<svg><script>alert(1)</script></svg>",
        '[a](https://example.org "onclick=x")',
        "[a]: javascript:alert(1)\n\n[a]",
    ],
)
def test_harmful_markup_is_removed(text: str) -> None:
    assert_harmless(render_markdown(text))


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_combination_of_markup_does_harm(text: str) -> None:
    assert_harmless(render_markdown(text))


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert_harmless(render_markdown(text))


def assert_harmless(html: str) -> None:
    """Assert that there are only allowed tags, attributes and URL schemes."""
    for closing, name, attributes in re.findall(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>", html):
        assert name in TAGS, name
        found = dict(re.findall(r'\s([a-zA-Z-]+)="([^"]*)"', attributes))
        assert set(found) <= {"title"} | {"a": {"href", "rel"}, "ol": {"start"}}.get(name, set())
        assert not closing or not found
        scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", found.get("href", ""))
        assert scheme is None or scheme.group(1).lower() in {"http", "https", "mailto"}
    assert "<!--" not in html
