"""The PDF of a hand-over, as read by poppler."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from signatures.delivering.letter import PetitionText
from signatures.delivering.letter_words import document_of
from signatures.delivering.writers.pdf import document
from signatures.delivering.writers.pdf.document import NamesMissingError, pdf_files
from tests.support.page_reading import in_language
from tests.support.papers import LETTER, files, listed, one_file, pages_of, read, text_of, watermark_of

RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
BELARUSIAN = "абвгдеёжзійклмнопрстуўфхцчшыьэюяґ"
NEIGHBOURS = "ąćęłńóśźż ąčęėįšųūž äöüß āēģīķļņū їє"
PERSONAL = "PERSONAL DATA, NOT FOR PUBLICATION"
MIB = 1024


def test_names_are_found_in_their_order(tmp_path: Path) -> None:
    names = [f"Уладзімір Някляеў-{letter * 3}" for letter in BELARUSIAN.upper()]
    text = text_of(one_file(tmp_path, *names))
    places = [text.index(name) for name in names]
    assert places == sorted(places)


def test_every_letter_of_the_neighbouring_languages_is_extracted_as_written(tmp_path: Path) -> None:
    alphabets = [RUSSIAN, RUSSIAN.upper(), BELARUSIAN, BELARUSIAN.upper(), NEIGHBOURS, NEIGHBOURS.upper()]
    text = text_of(one_file(tmp_path, *alphabets))
    assert [alphabet for alphabet in alphabets if alphabet not in text] == []


def test_fonts_are_embedded_and_can_be_searched(tmp_path: Path) -> None:
    fonts = read("pdffonts", one_file(tmp_path, "Алена", "გიორგი")).splitlines()[2:]
    assert {"PTSans-Regular", "PTSerif-Regular", "DejaVuSans"} <= {line.split()[0].partition("+")[2] for line in fonts}
    assert all(re.search(r"\byes yes yes\b", line) for line in fonts)


def test_every_page_is_a4_numbered_and_marked_as_private(tmp_path: Path) -> None:
    path = one_file(tmp_path, *["Алена Шаўчэнка"] * 150)
    pages = pages_of(path)
    assert len(pages) > 5
    for number, page in enumerate(pages, 1):
        assert PERSONAL in page
        assert f"Page {number} of {len(pages)}" in page
    sizes = re.findall(r"Page +\d+ size:\s+(.*)", read("pdfinfo", "-f", "1", "-l", str(len(pages)), path))
    assert len(sizes) == len(pages)
    assert all(size.endswith("(A4)") for size in sizes)


def test_a_screen_reader_gets_title_language_and_structure(tmp_path: Path) -> None:
    path = one_file(tmp_path, "Алена", language="ru")
    facts = read("pdfinfo", path)
    assert re.search(r"Title:\s+Свободу заключённым", facts)
    assert re.search(r"Tagged:\s+yes", facts)
    structure = read("pdfinfo", "-struct", path)
    assert {"H1", "H2", "P", "L", "LI", "Table", "TH"} <= set(re.findall(r"^ *(\w+)", structure, re.MULTILINE))
    assert b"/Lang (ru)" in path.read_bytes() or b"/Lang(ru)" in path.read_bytes()


def test_the_letter_has_everything_that_petitions_committees_ask_for(tmp_path: Path) -> None:
    letter, *others = pages_of(one_file(tmp_path, "Алена Шаўчэнка"))
    for said in [
        "1 March 2011",
        "Committee on Petitions",
        "Free the prisoners",
        "Alena Shauchenka",
        "Belarus",
        "ul. Długa 1",
        "00-001 Warszawa",
        "Viasna group",
        "viasna@example.org",
        "https://petition.example/en/petitions/prisoners/\n",
        "https://petition.example/en/petitions/prisoners/deliveries/",
        "5,214",
        "3,476",
        "We ask for their release.",
        "not to publish the names",
        "1 March 2011, 12:00 UTC",
        "5,213 signers are counted without names",
    ]:
        assert said in letter.replace("\xa0", " ")
    rest = " ".join("\f".join(others).split())
    assert "1. Free them. 2. Now." in rest
    assert "1. Освободите их." in rest
    assert "Poland 3,476 Others 1,738 Total 5,214" in rest
    assert f"1 {'d3fe919f' * 8} 5,000 2 {'0123abcd' * 8} 214" in rest


def test_both_texts_follow_and_the_letter_says_so(tmp_path: Path) -> None:
    said = " ".join(text_of(one_file(tmp_path)).split())
    assert "The full text follows in both languages." in said
    assert said.index("What we ask") < said.index("Чего мы просим")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_there_is_no_heading_over_a_table_that_would_be_empty(tmp_path: Path, language: str) -> None:
    countries, versions = [
        in_language(heading, language) for heading in ("Signatures by country", "Which text was signed")
    ]
    path = one_file(tmp_path, language=language)
    pages = len(pages_of(path))
    assert countries in text_of(path)
    path = one_file(tmp_path, language=language, countries=())
    assert countries not in text_of(path)
    assert versions in text_of(path)
    assert len(pages_of(path)) == pages
    path = one_file(tmp_path, language=language, countries=(), versions=(), total=0)
    assert versions not in text_of(path)
    assert len(pages_of(path)) == pages - 1
    assert text_of(path).strip()


def test_the_addresses_in_the_letter_can_be_followed(tmp_path: Path) -> None:
    content = one_file(tmp_path).read_bytes()
    for address in (LETTER.page, LETTER.hand_overs_page, f"mailto:{LETTER.contact}"):
        assert f"/URI({address})".encode() in content.replace(b"/URI (", b"/URI(")


def test_a_letter_without_a_responsible_body_has_no_empty_lines(tmp_path: Path) -> None:
    text = text_of(one_file(tmp_path, responsible_body="", contact=""))
    assert "Responsible for the petition" not in text
    assert "Contact" not in text


def test_the_letters_language_comes_first(tmp_path: Path) -> None:
    text = text_of(one_file(tmp_path, "Алена", language="ru"))
    assert text.index("Чего мы просим") < text.index("What we ask")
    assert "1 марта 2011 г." in text.replace("\xa0", " ")
    assert "15.01.2011" in text
    assert "5 214" in text.replace("\xa0", " ")


def test_a_recipient_of_numbers_gets_no_list_of_names(tmp_path: Path) -> None:
    text = text_of(one_file(tmp_path))
    assert "no names are handed over" in text
    assert "not to publish the names" not in text
    assert "Please keep the names confidential" not in text
    assert "listed with names" not in text
    assert "Please do not publish this The name and address of the lead petitioner" in " ".join(text.split())
    without = text_of(one_file(tmp_path, nationality="", address=""))
    assert "The name of the lead petitioner is personal data." in " ".join(without.split())
    nobody = text_of(one_file(tmp_path, petitioner="", nationality="", address=""))
    assert "Please do not publish" not in nobody
    assert "etitioner" not in nobody
    assert PERSONAL not in nobody
    assert PERSONAL in without
    assert "Yours faithfully, Viasna group" in " ".join(nobody.split())
    assert "Signed on" not in text


def test_no_word_leaves_the_paper(tmp_path: Path) -> None:
    address = "https://example.org/" + "a" * 200
    cells = f"| a | b | c |\n|---|---|---|\n| {'x' * 60} | y | {'z' * 70} |"
    body = f"## {'Ж' * 90}\n\n{'W' * 150}\n\n- {address}\n\n> {'щ' * 120}\n\n{cells}\n\n**{'ы' * 100}**"
    path = one_file(
        tmp_path,
        "Алена",
        texts=(PetitionText("en", "T" * 160, "S" * 300, body),),
        recipient="R" * 150,
        petitioner="P" * 120,
        address="A" * 150,
        responsible_body="B" * 160,
        contact=f"{'c' * 60}@{'d' * 60}.org",
        page=address,
        hand_overs_page=address,
    )
    edges = re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"', read("pdftotext", "-bbox", path, "-"))
    assert min(float(left) for left, _ in edges) > 25 / 25.4 * 72 - 1
    assert max(float(right) for _, right in edges) < 595.3 - 20 / 25.4 * 72 + 1
    joined = re.sub(r"\s", "", text_of(path, "-raw"))
    for word in ("T" * 160, "Ж" * 90, "W" * 150, address, "щ" * 120, "B" * 160, f"{'c' * 60}@{'d' * 60}.org"):
        assert word in joined


def test_the_same_list_gives_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    path = one_file(tmp_path, "Алена", "👩", "გიორგი")
    first = path.read_bytes()
    time.sleep(1.1)
    assert one_file(tmp_path, "Алена", "👩", "გიორგი").read_bytes() == first
    assert re.search(r"CreationDate:\s+2011-03-01T12:15:00Z", read("pdfinfo", "-isodates", path))


def test_a_long_list_comes_in_separate_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "FILE_NAMES", 10)
    names = [f"Имя{number:03}" for number in range(25)]
    made = files(LETTER, listed(*names), 25)
    assert list(made) == ["petition.pdf", *(f"petition-names-{number}.pdf" for number in (1, 2, 3))]
    texts = {}
    for name, content in made.items():
        path = tmp_path / name
        path.write_bytes(content)
        texts[name] = text_of(path)
        assert all(PERSONAL in page for page in pages_of(path))
    found = [re.findall(r"Имя\d{3}", text) for text in texts.values()]
    assert found == [[], names[:10], names[10:20], names[20:]]
    assert "petition-names-1.pdf" in texts["petition.pdf"]


def test_a_full_file_is_not_followed_by_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "FILE_NAMES", 2)
    assert list(files(LETTER, listed("А", "Б"), 2)) == ["petition.pdf"]
    assert len(files(LETTER, listed("А", "Б", "В", "Г"), 4)) == 3


def test_long_names_fill_a_file_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "FILE_LINES", 8)
    assert len(files(LETTER, listed(*["Алена"] * 8), 8)) == 1
    assert len(files(LETTER, listed(*["Ж" * 120] * 4), 4)) == 3


@pytest.mark.parametrize("said", [1, 3])
def test_a_list_whose_length_differs_from_the_announced_one_is_refused(said: int) -> None:
    with pytest.raises(NamesMissingError):
        files(LETTER, listed("Алена", "Пётр"), said)


def test_a_client_that_disconnects_leaves_no_process_behind() -> None:
    _, chunks = next(pdf_files(document_of(LETTER, 1), listed("Алена"), 1, watermark_of))
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert not [child for child in psutil.Process().children() if "typst_process" in " ".join(child.cmdline())]


@pytest.mark.parametrize("amount", [10_000, 20_000])
def test_typesetting_many_names_takes_at_most_300_mib(amount: int) -> None:
    program = f"""
import resource, os
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.tool_settings"
import django; django.setup()
from signatures.delivering.letter_words import document_of
from signatures.delivering.writers.pdf.document import pdf_files
from tests.support.papers import LETTER, line, watermark_of
names = (
    line(n, f"Уладзімір Някляеў-Караткевіч {{n}}", latin="Uladzimir Niakliaeu")
    for n in range(1, {amount} + 1)
)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name, chunks in pdf_files(document_of(LETTER, {amount}), names, {amount}, watermark_of):
    for chunk in chunks: pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    own, child = map(int, done.stdout.split())
    assert own < 40 * MIB
    assert child < 300 * MIB


@pytest.mark.parametrize("lines", range(0, 14, 2))
def test_the_signature_of_the_letter_is_never_alone_on_a_page(tmp_path: Path, lines: int) -> None:
    address = "\n".join(f"Line {number}" for number in range(lines))
    pages = [" ".join(page.split()) for page in text_of(one_file(tmp_path, "Алена", address=address)).split("\f")]
    (signed,) = [page for page in pages if "Yours faithfully," in page]
    assert "How to check the files" in signed
