"""The petition's Markdown, as typeset in the document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.delivering.letter import PetitionText
from tests.support.papers import LETTER, files, one_file, read, text_of

EVERYTHING = """# One

## Two *slanted*

Text **bold** with a [link](https://example.org/a) and
a second line.\\
A third. <script>alert(1)</script> `code` ![picture](https://example.org/x.png) [bad](javascript:alert(1)) [here](/en/)

- a
- b
  1. c

7. seven
8. eight

> quoted

---

    indented #panic("x")

| A | B |
|---|---|
| 1 | **2** |
"""


def test_everything_that_the_site_shows_is_in_the_document(tmp_path: Path) -> None:
    texts = (PetitionText("en", "Title", "Summary", EVERYTHING),)
    path = one_file(tmp_path, texts=texts)
    text = " ".join(text_of(path, "-f", "2", "-l", "2", "-layout").split())
    for said in [
        "One",
        "Two slanted",
        "Text bold with a link and a second line.",
        "<script>alert(1)</script> code picture",
        "• a • b 1. c",
        "7. seven 8. eight",
        "quoted",
        'indented #panic("x")',
        "A B 1 2",
    ]:
        assert said in text
    links = [line.split()[-1] for line in read("pdfinfo", "-url", path).splitlines()[1:]]
    assert links == [f"mailto:{LETTER.contact}", LETTER.page, LETTER.hand_overs_page, "https://example.org/a"]


@settings(max_examples=10, derandomize=True, deadline=None)
@given(st.lists(st.text(st.sampled_from("#*_-+>|`[]()!<&\\ \n1.a:/")), min_size=20, max_size=20))
@example(["- \n\n1.\n\n>\n\n#\n\n||\n|-|\n||\n\n[](https://a)\n\n**\n\n![](a)\n\n999999999. a\n\n0. b"])
@example(["[a](https://" + "a" * 3000 + ")", "[a](mailto:)", "[a](http:)"])
@example(["> " * 60 + "a", "- " * 60 + "a", "> - 1. " * 20 + "*a **b " * 20, "*a **b " * 20 + "** b* " * 20])
def test_no_text_breaks_the_document(bodies: list[str]) -> None:
    texts = tuple(PetitionText("en", body, body, body) for body in bodies)
    assert files(replace(LETTER, texts=texts), [], 0)["petition.pdf"].startswith(b"%PDF")


def test_content_that_is_nested_too_deeply_is_still_printed(tmp_path: Path) -> None:
    texts = (PetitionText("en", "Title", "Summary", "> " * 15 + "deep\n\n" + "- " * 9 + "deeper"),)
    assert "deep" in text_of(one_file(tmp_path, texts=texts)).split()
    assert "deeper" in text_of(one_file(tmp_path, texts=texts)).replace("•", " ").split()


def test_lists_that_are_nested_too_deeply_keep_their_numbers(tmp_path: Path) -> None:
    nested = "\n".join("\t" * level + f"{level + 1}. w{level + 1}" for level in range(9)) + "\n" + "\t" * 8 + "12. last"
    texts = (PetitionText("en", "Title", "Summary", nested),)
    said = " ".join(text_of(one_file(tmp_path, texts=texts), "-layout").split())
    for number in range(1, 10):
        assert f"{number}. w{number}" in said
    assert "12. last" in said


def test_a_text_in_another_language_stands_in_if_the_letters_is_missing() -> None:
    assert replace(LETTER, texts=LETTER.texts[1:]).title == "Свободу заключённым"
