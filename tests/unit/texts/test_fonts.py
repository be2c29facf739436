"""Documents and pictures have fonts for the scripts of the world."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import ImageFont

from signatures.publishing.text_drawing import Lettering
from signatures.texts import fonts
from signatures.texts.fonts import (
    FALLBACKS,
    FOLDER,
    SANS,
    SANS_BOLD,
    SERIF_BOLD,
    font_with,
    letters_without_font,
    shown_as,
)
from tests.support.papers import one_file, read

NAMES = (
    "Уладзімір Някляеў",
    "Łukasz Żółć",
    "გიორგი მარგველაშვილი",
    "Հայկ Սարգսյան",
    "משה כהן",
    "محمد علی",
    "王小明",
    "山田 太郎 アキラ",
    "김철수",
    "हरि शर्मा",
    "রহিম উদ্দিন",
    "ਗੁਰਪ੍ਰੀਤ",
    "સરદાર",
    "ଗୋପାଳ",
    "முருகன்",
    "తెలుగు",
    "ಕನ್ನಡ",
    "മലയാളം",
    "සිංහල",
    "สมชาย",
    "ສົມສະຫວັດ",
    "ဦးသန့်",
    "សុខា",
    "ሰላም",
    "ދިވެހި",
    "🕊️ ❤️ 👩‍👧 🇧🇾 1️⃣",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_script_that_people_sign_in_has_a_font(name: str) -> None:
    assert letters_without_font(name) == []


def test_letters_without_a_font_are_known() -> None:
    assert letters_without_font("а𒀀\ue000𒀀 \u200d\ufe0f") == ["𒀀", "\ue000"]
    assert [shown_as(letter) for letter in "𒀀\ue000"] == ["𒀀 (U+12000)", "U+E000"]


@pytest.mark.parametrize("name", [SANS, SANS_BOLD, SERIF_BOLD, *FALLBACKS])
def test_a_font_draws_the_letters_that_it_claims_to_have(name: str) -> None:
    starts, ends = fonts._letters(name)
    font = ImageFont.truetype(FOLDER / name, 40, layout_engine=ImageFont.Layout.BASIC)
    box = bytes(font.getmask("\U0010fffe"))
    letters = [chr(code) for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1)][::7]
    boxes = [letter for letter in letters if box and bytes(font.getmask(letter)) == box]
    assert len(letters) > 10
    # Some fonts draw a few characters, such as the replacement character, as the box itself.
    assert len(boxes) < 5


@pytest.mark.parametrize("template", ["document.typ", "sheet.typ"])
def test_what_is_printed_searches_fonts_in_the_same_order(template: str) -> None:
    text = (Path(fonts.__file__).parents[1] / "delivering/writers/pdf" / template).read_text(encoding="utf-8")
    scripts = re.search(r"#let scripts = \((.*?)\)", text, re.DOTALL)
    assert scripts is not None
    assert tuple(re.findall(r'"(\w+)"', scripts.group(1))) == fonts.SCRIPTS
    assert {path.name for path in FOLDER.glob("*.tt[fc]")} >= {SANS, SANS_BOLD, SERIF_BOLD, *FALLBACKS}


def test_the_document_sets_each_name_in_a_font_that_has_it(tmp_path: Path) -> None:
    listed = read("pdffonts", one_file(tmp_path, *NAMES))
    for name in (
        "NotoSansDevanagari",
        "NotoSansThai",
        "WenQuanYiMicroHei",
        "NotoEmoji",
        "DejaVuSans",
        "NotoSansEthiopic",
    ):
        assert name in listed


def test_a_picture_takes_each_letter_from_a_font_that_has_it_and_keeps_words_in_order() -> None:
    runs = list(Lettering(SERIF_BOLD, 40)._runs("Свободу 🕊️ محمد علي, 王!"))
    assert "".join(run for _, run in runs) == "Свободу 🕊️ محمد علي, 王!"
    assert [name for name, _ in runs] == [SERIF_BOLD, font_with("🕊", SERIF_BOLD), "DejaVuSans.ttf", "wqy-microhei.ttc"]
    assert "محمد علي, " in [run for _, run in runs]
