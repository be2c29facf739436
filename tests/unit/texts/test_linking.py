"""A link in a text has an absolute address of the web or of mail, or only its words stay."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatures.delivering.writers.pdf.markdown import typst_nodes
from signatures.texts.html_printer import render_markdown
from signatures.texts.linking import is_allowed
from signatures.texts.plain_printer import plain_text

ROOT = Path(__file__).parents[3]
GOOD = [
    "https://example.org",
    "http://example.org/",
    "HTTPS://Example.ORG:8000/a/b?c=d&e=f#g",
    "https://example.org?a#b",
    "https://xn--e1afmkfd.xn--p1ai/%D0%B9",
    "https://[2001:db8::1]/x",
    "https://user.example.org/@name",
    "mailto:a@example.org",
    "mailto:a.b+c@example.org,d@example.org?subject=x",
]
BAD = [
    "//evil.example",
    "///evil.example",
    "/admin/logout/",
    "admin/",
    "?a=b",
    "#a",
    "",
    "http:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://",
    "https:\\\\evil.example",
    "https://evil.example\\@example.org",
    "/\\evil.example",
    "https://example.org@evil.example",
    "https://example.org:80@evil.example/",
    "https://exam%2fple.org",
    "https://example.org:99999999",
    "https://-evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:x",
    "viber://forward",
    "ftp://example.org",
    "blob:https://example.org/x",
    "mailto:",
    "mailto:nobody",
    "mailto://a@example.org",
    "https://example.org/\n",
    "https://example.org/a b",
    "https://example.org/a\\b",
    "https://exаmple.org",
    " https://example.org",
]
SCHEMES = ("http", "HTTPS", "mailto", "javascript", "data", ":", "&#58;", "&#106;")
SIGNS = (
    "/",
    "//",
    "\\",
    "\\\\",
    "@",
    "#",
    "?",
    "%2f",
    "%00",
    "&sol;",
    "&bsol;",
    "&Tab;",
    "&NewLine;",
    ".",
    "..",
    "*",
    "_",
    "|",
)
BLANKS = (" ", "\t", "\x01", "\x7f", "\u200b", "\u202e", "\u2028")
HOSTS = ("evil.example", "admin/logout/", "[", "]", "::1", "а", "。", "／", "Ａ")
HOSTILE = st.lists(st.sampled_from([*SCHEMES, *SIGNS, *BLANKS, *HOSTS]), max_size=8).map("".join)
WORDS = st.sampled_from(["word", "слово *два*", "**три**", "a_b"])
FORMS = st.sampled_from(
    [
        "[{words}]({address})",
        "[{words}](<{address}>)",
        '[{words}]({address} "title")',
        "[{words}][x]\n\n[x]: {address}",
        "[{words}][x]\n\n[x]: <{address}> 'title'",
        "[{words}]\n\n[{words}]: {address}",
        "{words} <{address}>",
        "![{words}]({address})",
        "[![{words}](x.png)]({address})",
        "![[{words}]({address})](x.png)",
        "[a ![{words}]({address}) b](https://example.org)",
        "| {words} |\n|---|\n| [{words}]({address}) |",
        "> 1. [{words}]({address})\n\n# [{words}]({address})",
    ]
)


def printed_links(page: str) -> list[str]:
    """Return the addresses that a page links to."""
    return [html.unescape(found) for found in re.findall(r'\bhref="([^"]*)"', page)]


def links_in_tree(node: Any) -> list[str]:
    """Return the addresses that the tree of the PDF links to."""
    if isinstance(node, list):
        return [address for one in node for address in links_in_tree(one)]
    if not isinstance(node, dict):
        return []
    own = [str(node["address"])] if node.get("kind") == "link" else []
    return own + [address for one in node.values() for address in links_in_tree(one)]


def text_in_tree(node: Any) -> str:
    """Return the text in the tree of the PDF."""
    if isinstance(node, list):
        return "".join(text_in_tree(one) for one in node)
    if not isinstance(node, dict):
        return ""
    return str(node["text"]) if node.get("kind") == "text" else "".join(text_in_tree(one) for one in node.values())


def leads_outside(address: str) -> bool:
    """Return whether a browser would use an address unchanged, checked independently of the site's code."""
    assert re.fullmatch(r"[!-\[\]-~]+", address), address
    parts = urlsplit(address)
    if parts.scheme == "mailto":
        return bool(re.fullmatch(r"[^@/]+@[^@/]+(,[^@/]+@[^@/]+)*", parts.path)) and not parts.netloc
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


@pytest.mark.parametrize("address", GOOD)
def test_addresses_of_the_web_and_of_mail_are_links(address: str) -> None:
    assert is_allowed(address)
    assert leads_outside(address)
    page = render_markdown(f"[words](<{address}>)")
    assert printed_links(page) == [address]
    assert 'rel="noopener noreferrer"' in page
    assert links_in_tree(typst_nodes(f"[words](<{address}>)")) == [address]


@pytest.mark.parametrize("address", BAD)
def test_other_addresses_are_no_links_and_their_words_stay(address: str) -> None:
    assert not is_allowed(address)
    typed = address.strip("\n") if "\n" not in address.strip() else "javascript:x"
    for text in (f"some [*words* here](<{typed}>)", f"some [*words* here][x]\n\n[x]: <{typed}>"):
        # Addresses that the parser encodes, such as a host with an accent, may remain links, but only absolute ones.
        assert all(map(leads_outside, printed_links(render_markdown(text))))
        assert all(map(leads_outside, links_in_tree(typst_nodes(text))))
        assert "words</em> here" in render_markdown(text)
        assert "some words here" in text_in_tree(typst_nodes(text))


@pytest.mark.parametrize("address", ["//evil.example", "/admin/logout/", "javascript:x", "http:evil", "a@b@c"])
def test_a_removed_link_leaves_no_markup(address: str) -> None:
    for text in (f"[words]({address})", f"[words][x]\n\n[x]: {address}", f"![words]({address})"):
        assert render_markdown(text) == "<p>words</p>\n"


@given(form=FORMS, words=WORDS, address=HOSTILE)
@example(form="[{words}]({address})", words="word", address="https://evil.example\\@example.org")
@example(form="[{words}]({address})", words="word", address="&#47;&#47;evil.example")
@example(form="{words} <{address}>", words="word", address="http:evil.example")
def test_no_hostile_address_leads_anywhere_but_where_it_says(form: str, words: str, address: str) -> None:
    text = form.format(words=words, address=address)
    page = render_markdown(text)
    tree = typst_nodes(text)
    for link in (*printed_links(page), *links_in_tree(tree)):
        assert leads_outside(link), link
    plain = re.sub(r"[*_]", "", words)
    assert plain in re.sub(r"[*_]", "", html.unescape(re.sub(r"<[^>]*>", "", page)))
    assert plain in re.sub(r"[*_]", "", text_in_tree(tree))


@given(
    st.lists(
        st.sampled_from([*BAD, *GOOD, "[", "](", ")", "<", ">", "!", "\n\n", "[x]: ", "`", "\\", "w "]), max_size=10
    ).map("".join)
)
def test_no_combination_of_markup_makes_another_link(text: str) -> None:
    for link in (*printed_links(render_markdown(text)), *links_in_tree(typst_nodes(text))):
        assert leads_outside(link), link


def test_every_printer_reads_a_text_with_the_same_parser() -> None:
    users = [path for path in (ROOT / "signatures").rglob("*.py") if "markdown_it" in path.read_text(encoding="utf-8")]
    # The organisers' guide is part of the program, and nobody else's text.
    users.remove(ROOT / "signatures" / "admin" / "guide_page.py")
    makers = [
        path.name for path in users if re.search(r"\b(?:MarkdownIt|TextParser)\(", path.read_text(encoding="utf-8"))
    ]
    assert sorted(makers) == ["parsing.py", "reading.py"]
    assert {path.name for path in users} == {"linking.py", "parsing.py", "reading.py"}
    printers = ("texts/html_printer.py", "texts/plain_printer.py", "delivering/writers/pdf/markdown.py")
    for printer in printers:
        assert "import read_text" in (ROOT / "signatures" / printer).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "typed", "address"),
    [
        ("See www.example.org.", "www.example.org", "https://www.example.org"),
        ("(WWW.Example.org/a_b?c=d)", "WWW.Example.org/a_b?c=d", "https://WWW.Example.org/a_b?c=d"),
        ("сайт www.пример.рф, почта a@www.example.org", "www.пример.рф", "https://www.xn--e1afmkfd.xn--p1ai"),
        ("«www.example.org/путь»", "www.example.org/путь", "https://www.example.org/%D0%BF%D1%83%D1%82%D1%8C"),
    ],
)
def test_a_site_address_without_a_scheme_is_a_link(text: str, typed: str, address: str) -> None:
    page = render_markdown(text)
    assert f'href="{address}"' in page
    assert f">{typed}</a>" in page
    assert html.unescape(re.sub(r"<[^>]*>", "", page)).strip() == text
    assert plain_text(text).startswith(text[: text.index(typed) + len(typed)])


@pytest.mark.parametrize(
    "text", ["awww.example.org", "www.", "www.example", "http:/www.example.org", "a@www.example.org"]
)
def test_text_that_only_looks_like_a_site_is_no_link(text: str) -> None:
    assert 'href="http' not in render_markdown(text)


def test_a_site_after_two_slashes_is_one_link() -> None:
    assert render_markdown("https://www.example.org/a").count("<a ") == 1
    assert render_markdown("[www.example.org](https://example.org)").count("<a ") == 1
