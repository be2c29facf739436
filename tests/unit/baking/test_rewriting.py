"""A page is written again as it was, but for what only a server can give."""

from __future__ import annotations

import pytest

from signatures.baking.rewriting import links_of, rewritten


def again(page: str, **words: str) -> str:
    """Rewrite a page, its links in angle brackets."""
    return rewritten(
        page.encode(),
        link=lambda element, link: f"<{element} {link}>",
        after_main=words.get("after_main", ""),
        in_place_of_form=words.get("in_place_of_form", ""),
        in_head=words.get("in_head", ""),
    ).decode()


@pytest.mark.parametrize(
    "page",
    [
        '<!DOCTYPE html><html lang="en"><p class="a b" hidden>A &amp; B &#8212; &laquo;да&raquo; <br>1 &lt; 2</p>',
        '<p title="&quot;quoted&quot; &amp; &lt;b&gt;">Text</p>',
        '<progress max="100" value="3"></progress><meta name="robots" content="noindex">',
    ],
)
def test_what_needs_no_server_stays_as_it_was(page: str) -> None:
    assert again(page) == page


def test_scripts_forms_and_their_fields_are_left_out_wherever_they_stand() -> None:
    page = (
        "<p>A</p><script>if (1 < 2) '</form>'</script><form method=post><p>B<input name=x><button>C</button></form>"
        '<input form="f"><select form="f"><option>D</option></select><textarea>E</textarea><p data-url="/x">F</p>'
    )
    assert again(page, in_place_of_form="[form]") == "<p>A</p>[form]<p>F</p>"


def test_what_belongs_to_the_living_site_alone_is_left_out_with_its_links() -> None:
    page = '<p>A</p><div class="on-paper" data-living><img src="/qr.png"><p>B</p></div><p>C</p>'
    assert again(page) == "<p>A</p><p>C</p>"
    assert links_of(page.encode()) == set()


def test_links_are_given_out_as_they_are_meant_and_written_escaped() -> None:
    page = (
        '<a href="/x?a=1&amp;b=2">A</a><img src="/p.png"/><link rel="icon" href="/i"><meta content="https://x/c.png">'
    )
    assert links_of(page.encode()) == {"/x?a=1&b=2", "/p.png", "/i", "https://x/c.png"}
    assert again(page) == (
        '<a href="&lt;a /x?a=1&amp;b=2&gt;">A</a><img src="&lt;img /p.png&gt;">'
        '<link rel="icon" href="&lt;link /i&gt;"><meta content="&lt;meta https://x/c.png&gt;">'
    )


def test_links_in_a_form_are_not_followed_and_no_browser_is_sent_to_the_onion_service() -> None:
    page = '<form><a href="/in">A</a></form><meta http-equiv="onion-location" content="http://x.onion/">'
    assert links_of(page.encode()) == set()
    assert again(page) == ""


def test_words_begin_the_head_and_the_content() -> None:
    page = '<head><title>T</title></head><main class="wide"><h1>H</h1></main>'
    assert again(page, in_head="[policy]", after_main="[copy]") == (
        '<head>[policy]<title>T</title></head><main class="wide">[copy]<h1>H</h1></main>'
    )
