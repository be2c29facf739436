"""Text pasted from word processors, mails and websites becomes the Markdown that was intended."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from signatures.texts.html_printer import render_markdown
from signatures.texts.invisible import DRAWN, FORMATS, in_one_line, visible_text
from signatures.texts.plain_printer import plain_text
from signatures.texts.reading import read_text
from signatures.texts.tree import Heading, ListKind, Paragraph, Rule, Table

LIST = "<ul>\n<li>раз</li>\n<li>два</li>\n</ul>\n"
NUMBERS = "<ol>\n<li>раз</li>\n<li>два</li>\n</ol>\n"
LABELLED = '<ul class="labelled">\n<li>{} раз</li>\n<li>{} два</li>\n</ul>\n'
LONG = "Предложение, которое длиннее любой строки, какую сломала бы почтовая программа, и потому было абзацем. " * 2


@pytest.mark.parametrize(
    ("pasted", "html"),
    [
        # Indented.
        ("\tАбзац", "<p>Абзац</p>\n"),
        ("    Абзац\n\n        Другой", "<p>Абзац</p>\n<p>Другой</p>\n"),
        ("\xa0\xa0\xa0\xa0\xa0Абзац", "<p>Абзац</p>\n"),
        ("\u2003\u3000Абзац", "<p>Абзац</p>\n"),
        ("&nbsp;&nbsp; Абзац", "<p>Абзац</p>\n"),
        # Code fences.
        ("```\nраз\nдва\n```", "<p>раз<br>\nдва</p>\n"),
        ("~~~~~~~~\nраз", "<hr>\n<p>раз</p>\n"),
        # Headings.
        ("##### Глава", "<h4>Глава</h4>\n"),
        ("######## Глава", "<h4>Глава</h4>\n"),
        ("##Глава", "<h2>Глава</h2>\n"),
        ("#\xa0Глава", "<h2>Глава</h2>\n"),
        ("#СвободуВсем", "<p>#СвободуВсем</p>\n"),
        ("Text\n---\nmore", "<p>Text</p>\n<hr>\n<p>more</p>\n"),
        ("Text\n====\nmore", "<p>Text</p>\n<hr>\n<p>more</p>\n"),
        ("Text\n———\nmore", "<p>Text</p>\n<hr>\n<p>more</p>\n"),
        # Bullets.
        ("• раз\n• два", LIST),
        ("•раз\n•\tдва", LIST),
        ("– раз\n– два", LIST),
        ("— Раз.\n\n— Два.", "<p>— Раз.</p>\n<p>— Два.</p>\n"),
        ("-раз\n-два", LIST),
        ("*\xa0раз\n*\xa0два", LIST),
        ("\uf0b7\tраз\n\uf0b7\tдва", LIST),
        ("o\tраз\no\tдва", LIST),
        ("&bull; раз\n&bull; два", LIST),
        ("\t▪ раз\n\t▪ два", LIST),
        ("Мы просим:\n\t• раз\n\t• два\nИ всё.", f"<p>Мы просим:</p>\n{LIST}<p>И всё.</p>\n"),
        ("• раз\n\to\tдва", "<ul>\n<li>раз\n<ul>\n<li>два</li>\n</ul>\n</li>\n</ul>\n"),
        ("— Мы не забудем.", "<p>— Мы не забудем.</p>\n"),
        ("✅ раз\n❌ два", "<p>✅ раз<br>\n❌ два</p>\n"),
        # Numbers and labels.
        ("1.\xa0раз\n2.\xa0два", NUMBERS),
        ("1)\tраз\n2)\tдва", NUMBERS),
        ("1.раз\n2.два", NUMBERS),
        ("1. раз\n1. два", NUMBERS),
        ("3. раз\n5. два", '<ol start="3">\n<li>раз</li>\n<li value="5">два</li>\n</ol>\n'),
        ("1.5 млн человек", "<p>1.5 млн человек</p>\n"),
        *(
            (f"{first} раз\n{second} два", LABELLED.format(first, second))
            for first, second in (("а)", "б)"), ("a)", "b)"), ("(1)", "(2)"), ("i.", "ii."), ("1.1.", "1.2."))
        ),
        ("• раз\n• два\n\nа) раз\nб) два", LIST + LABELLED.format("а)", "б)")),
        ("а) одно", "<p>а) одно</p>\n"),
        # Lines.
        ("ул. Мира, 1\n220030 Минск\nБеларусь", "<p>ул. Мира, 1<br>\n220030 Минск<br>\nБеларусь</p>\n"),
        ("ул. Мира, 1\x0b220030 Минск\u2028Беларусь", "<p>ул. Мира, 1<br>\n220030 Минск<br>\nБеларусь</p>\n"),
        ("раз<br>два<BR />три", "<p>раз<br>\nдва<br>\nтри</p>\n"),
        ("раз\x0cдва\u2029три", "<p>раз</p>\n<p>два</p>\n<p>три</p>\n"),
        (f"{LONG}\nДругой.", f"<p>{LONG.strip()}</p>\n<p>Другой.</p>\n"),
        # Emphasis.
        ("**Слово:**текст", "<p><strong>Слово:</strong>текст</p>\n"),
        ("**Слово: **текст", "<p><strong>Слово:</strong> текст</p>\n"),
        ("** Слово** текст", "<p> <strong>Слово</strong> текст</p>\n".replace("<p> ", "<p>")),
        ("слово**«цитата»**слово", "<p>слово<strong>«цитата»</strong>слово</p>\n"),
        ("*Слово:*текст _Слово:_текст", "<p><em>Слово:</em>текст <em>Слово:</em>текст</p>\n"),
        ("2*2*2 и snake_case_name", "<p>2*2*2 и snake_case_name</p>\n"),
        # Text that looks like markup.
        ("+ 375 29 123", "<p>+ 375 29 123</p>\n"),
        (">5000 человек", "<p>&gt;5000 человек</p>\n"),
        # Entities, quotation marks, HTML.
        ("раз&nbsp;два&shy;три", "<p>раз&nbsp;дватри</p>\n"),
        ("“раз” «два» „три“ it’s…", "<p>“раз” «два» „три“ it’s…</p>\n"),
        ("<b>раз</b>", "<p>&lt;b&gt;раз&lt;/b&gt;</p>\n"),
        # Pictures and titles.
        ("![слова](https://example.org/a.png)", "<p>слова</p>\n"),
        ('![слова](https://example.org/a.png "ещё")', "<p>слова (ещё)</p>\n"),
    ],
)
def test_pasted_text_is_read_as_intended(pasted: str, html: str) -> None:
    assert render_markdown(pasted) == html


@pytest.mark.parametrize(
    ("pasted", "address", "words"),
    [
        ("см. https://example.org/a_b_(c), и", "https://example.org/a_b_(c)", "https://example.org/a_b_(c)"),
        ("(https://example.org/x).", "https://example.org/x", "https://example.org/x"),
        ("«http://example.org»!", "http://example.org", "http://example.org"),
        ("**https://example.org/**", "https://example.org/", "https://example.org/"),
        ("HTTPS://Example.org?a=b&c=d;", "HTTPS://Example.org?a=b&amp;c=d", "HTTPS://Example.org?a=b&amp;c=d"),
        ("Пишите: a.b+c@example.org.", "mailto:a.b+c@example.org", "a.b+c@example.org"),
        ("https://пример.рф/й", "https://xn--e1afmkfd.xn--p1ai/%D0%B9", "https://пример.рф/й"),
    ],
)
def test_a_bare_address_becomes_a_link(pasted: str, address: str, words: str) -> None:
    assert f'<a href="{address}" rel="noopener noreferrer">{words}</a>' in render_markdown(pasted)


@pytest.mark.parametrize(
    "pasted",
    [
        "https://user@evil.example/x",
        "https://example.org@evil.example",
        "javascript://example.org/x",
        "xhttps://example.org",
        "https://" + "a" * 300 + ".org",
        "https://example.org/" + "a" * 3000,
        "a@b",
        "a@example.org@evil.example",
        "//a@example.org/x",
    ],
)
def test_a_misleading_link_stays_plain_text(pasted: str) -> None:
    assert "<a " not in render_markdown(pasted)
    assert plain_text(pasted) == pasted
    assert read_text(pasted).left_out.addresses == ()


def test_tab_separated_cells_are_a_table_and_no_cell_is_cut_off() -> None:
    for pasted in ("А\tБ\tВ\n1\t2\t3\n4|\t5\t6", "| А | Б |\n|---|---|\n| 1 | 2 | 3 |\n| 4\\| | 5 | 6 |"):
        (table,) = read_text(pasted).blocks
        assert isinstance(table, Table)
        assert len(table.head) == 3
        assert "4|" in plain_text(pasted)
        assert plain_text(pasted).split("\n")[1] == "1 | 2 | 3"
    blocks = read_text("\tПервый абзац\n\tВторой абзац").blocks
    assert all(isinstance(block, Paragraph) for block in blocks)


def test_lines_wrapped_by_a_mail_program_are_one_paragraph() -> None:
    broken = (
        "Мы просим освободить всех, кого держат в тюрьмах за их мнения,\n"
        "и вернуть им имена, документы, работу и право жить там, где же\n"
        "они хотят. Это письмо сломала на строки почтовая программа."
    )
    assert render_markdown(broken) == f"<p>{broken.replace(chr(10), ' ')}</p>\n"


def test_every_kind_of_block_is_known_to_the_tree() -> None:
    blocks = read_text("# А\n\nБ\n\n---\n\nа) В\nб) Г").blocks
    assert [type(block) for block in blocks[:3]] == [Heading, Paragraph, Rule]
    assert getattr(blocks[3], "kind", None) == ListKind.LABELS


def test_every_format_character_of_unicode_is_known() -> None:
    everywhere = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    assert set(FORMATS) == everywhere - set(map(chr, DRAWN))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("сво\xadбода", "свобода"),
        ("сво\u17b4бо\u17b5да", "свобода"),
        ("\ufeffа\u200bб\u2060в\u202eг\u200e", "абвг"),
        ("а\x1eб\x1fв", "а-бв"),
        ("Ива\u200cнов\u200d", "Иванов"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("ක්\u200dෂ", "ක්\u200dෂ"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u0600١", "\u0600١"),
    ],
)
def test_invisible_characters_are_removed_except_joiners_where_a_script_needs_them(text: str, seen: str) -> None:
    assert visible_text(text) == seen
    assert in_one_line(f" {text}\r\n\t{text} ") == f"{seen} {seen}"
