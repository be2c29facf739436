"""Organisers pass a petition on: posters and QR codes to print, a badge for other sites; all of it can be tried out."""

from __future__ import annotations

import html
import io
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from signatures.links import absolute
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from tests.support import factories
from tests.support.page_reading import page_of, read, words
from tests.support.programs import require_program

LogIn = Callable[[str], Client]
PAPERS = ("a4", "a3")
DPI = 100
pytestmark = pytest.mark.django_db


def page(petition: Petition) -> str:
    """Return the path of the desk's page."""
    return f"/admin/signatures/petition/{petition.pk}/link/"


def file_of(client: Client, petition: Petition, name: str, language: str = "en") -> bytes:
    """Download a file by the link on the page."""
    path = f"{page(petition)}{language}/{name}"
    assert f'href="{path}"' in read(client, page(petition))
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'attachment; filename="{petition.slug}-{language}-{name}"'
    return response.content


def printed(content: bytes, folder: Path) -> tuple[str, Image.Image, str]:
    """Return a PDF's words, its only page as a picture, and what is known of it."""
    path = folder / "poster.pdf"
    path.write_bytes(content)

    def run(*command: str | Path) -> bytes:
        program, *rest = command
        return subprocess.run([require_program(str(program)), *rest], check=True, capture_output=True).stdout

    picture = Image.open(io.BytesIO(run("pdftoppm", "-r", str(DPI), "-png", "-singlefile", path)))
    return run("pdftotext", "-layout", path, "-").decode(), picture, run("pdfinfo", path).decode()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_poster_has_the_words_and_a_code_that_leads_to_the_petition(
    petition: Petition, organiser: Client, tmp_path: Path, paper: str, language: str
) -> None:
    text, picture, facts = printed(file_of(organiser, petition, f"poster-{paper}.pdf", language), tmp_path)
    address = absolute(page_of(petition, language=language))
    said = " ".join(text.split())
    title, summary, call = {
        "en": ("Freedom for all", "We ask for freedom.", "Scan the code, read and sign"),
        "ru": ("Свободу всем", "Мы просим свободы.", "Отсканируйте код, прочтите и подпишите"),
    }[language]
    for words_on_it in (title, summary, f"testserver/{language}/petitions/{petition.slug}"):
        assert words_on_it in said
    assert all(word in said for word in call.split())
    assert re.search(r"Pages:\s+1\n", facts)
    assert f"pts ({paper.upper()})" in facts
    (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert code.text == address
    # A third of the paper, as far as whole squares allow.
    side = code.position.top_right.x - code.position.top_left.x
    assert side == pytest.approx(picture.width / 3, rel=0.04)
    # Black and red on white.
    colours = {colour for count, colour in picture.convert("RGB").getcolors(1 << 24) or [] if count > picture.width}
    assert {(255, 255, 255), (0, 0, 0), (200, 16, 46)} <= colours


def test_an_address_typed_from_a_poster_leads_to_the_petition(petition: Petition) -> None:
    response = Client().get(page_of(petition).rstrip("/"))
    assert (response.status_code, response.headers["Location"]) == (301, page_of(petition))


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Ж" * 160, "w" * 600),
        ("Свободу политическим заключённым и их семьям " * 3, "Мы просим парламенты и правительства. " * 15),
        ("#let x = 1 $ \\ */ <b>", "= Heading\n- list #panic()"),
    ],
)
def test_no_text_leaves_the_page_or_is_run(organiser: Client, tmp_path: Path, title: str, summary: str) -> None:
    petition = factories.make_petition(title_en=title[:160].strip(), summary_en=summary[:600])
    text, picture, facts = printed(file_of(organiser, petition, "poster-a4.pdf"), tmp_path)
    assert re.search(r"Pages:\s+1\n", facts)
    assert "".join(title[:160].split()) in "".join(text.split())
    width, height = picture.size
    for left in (0, width - 40):
        margin = picture.crop((left, height // 10, left + 40, height - height // 10)).convert("L")
        assert margin.getextrema() == (255, 255)
    assert len(zxingcpp.read_barcodes(picture.convert("L"))) == 1


def test_the_same_text_gives_the_same_poster(petition: Petition, organiser: Client) -> None:
    assert file_of(organiser, petition, "poster-a4.pdf") == file_of(organiser, petition, "poster-a4.pdf")


def test_the_code_as_lines_holds_the_same_as_the_picture(petition: Petition, organiser: Client) -> None:
    svg = file_of(organiser, petition, "qr.svg").decode()
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    assert "width=" not in svg.partition(">")[0]
    image = Image.open(io.BytesIO(Client().get(page_of(petition, "qr")).content)).convert("L")
    squares = image.resize((side, side), Image.Resampling.NEAREST)
    # The path draws runs of dark squares: "M x y h length m dx dy h length …".
    dark = set()
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ]?(-?[\d.]+))?", svg.rpartition('d="')[2]):
        if command == "M":
            x, y = float(first), float(second)
        elif command == "m":
            x, y = x + float(first), y + float(second or 0)
        else:
            dark |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += int(first)
    assert dark == {(x, y) for x in range(side) for y in range(side) if squares.getpixel((x, y)) == 0}


@pytest.mark.parametrize("protection", ["GUARDED", "ORDINARY"])
def test_the_snippet_is_one_link_with_one_picture(organiser: Client, protection: str) -> None:
    petition = factories.make_petition(protection=protection, title_en='A "park" <for> all')
    shown = read(organiser, page(petition))
    for language, title in (("en", 'A "park" <for> all'), ("ru", "Свободу всем")):
        area = re.findall(rf'<textarea id="badge-{language}"[^>]*>(.*?)</textarea>', shown, re.DOTALL)[0]
        snippet = html.unescape(area)
        assert re.findall(r"<(\w+)", snippet) == ["a", "img"]
        assert re.findall(r'href="([^"]+)"', snippet) == [absolute(page_of(petition, language=language))]
        (source,) = re.findall(r'src="([^"]+)"', snippet)
        assert source == absolute(page_of(petition, "badge", language))
        assert html.unescape(re.findall(r'alt="([^"]*)"', snippet)[0]) == title
        assert 'referrerpolicy="no-referrer"' in snippet
        assert f'src="{page_of(petition, "badge", language)}"' in shown
    assert ("those who watch their connection can see that" in words(shown)) == (protection == "GUARDED")


def test_a_closed_petition_has_no_posters_any_more(petition: Petition, organiser: Client) -> None:
    Petition.objects.update(status=PetitionStatus.CLOSED)
    shown = read(organiser, page(petition))
    assert "poster-a4.pdf" not in shown
    assert "qr.svg" in shown


@pytest.mark.parametrize("name", ["qr.svg", "poster-a4.pdf"])
def test_what_is_not_public_or_not_there_has_no_file(petition: Petition, organiser: Client, name: str) -> None:
    assert organiser.get(f"{page(petition)}be/{name}").status_code == 404
    assert organiser.get(f"{page(petition)}en/other-{name}").status_code == 404
    draft = factories.make_petition(publish=False)
    assert organiser.get(f"{page(draft)}en/{name}").status_code == 404


def test_an_ordinary_petition_offers_its_address_on_the_page_and_a_guarded_one_does_not(
    petition: Petition, ordinary: Petition
) -> None:
    for one, offers in ((ordinary, True), (petition, False)):
        shown = read(Client(), page_of(one))
        address = absolute(page_of(one))
        assert (f'data-copy="{address}"' in shown) == offers
        assert (f">{address}</a>" in shown) == offers
        assert f'data-copy="{address}"' in read(Client(), page_of(one, "thanks"))
