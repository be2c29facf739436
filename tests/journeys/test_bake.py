"""A copy of the public pages holds whatever can be read without a server, no name, and no link that leads nowhere."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from signatures.baking.pages import BAKED, LEFT_OUT
from signatures.languages import site_languages
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.models.switch import SwitchName
from signatures.safeguarding.switches import turn_on
from tests.support.attacks.routes import all_routes
from tests.support.every_page import make_full_petition
from tests.support.page_reading import page_of, words
from tests.support.photographs import give_picture
from tests.support.programs import require_program

pytestmark = pytest.mark.django_db
ONION = f"http://{'a' * 56}.onion"
SITE = "http://testserver"
LIVING = (f"{SITE}/", f"{ONION}/")
ELSEWHERE = (
    "mailto:",
    "viber:",
    "https://t.me/",
    "https://wa.me/",
    "https://vk.com/",
    "https://www.facebook.com/",
    "https://x.com/",
)


@pytest.fixture
def full(organiser: Client, settings: Settings) -> Petition:
    """Return a petition with something of everything, on a site with an onion service, a mirror and a key."""
    settings.ONION_ORIGIN, settings.MIRRORS = ONION, ["https://copy.example.net/"]
    settings.MIRRORS_SIGNING_KEY = b"k" * 32
    petition = make_full_petition(organiser)
    give_picture(petition)
    return petition


@pytest.fixture
def copy(full: Petition, tmp_path: Path) -> Path:
    """Return the folder of a copy."""
    call_command("bake", str(tmp_path / "copy"))
    return tmp_path / "copy"


class _Page(HTMLParser):
    """Notes the elements of a page, its links and its places."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: set[tuple[str, str]] = set()
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.add(tag)
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.add((tag, value or ""))
            if name == "id":
                self.places.add(value or "")


def pages_of(copy: Path) -> Iterator[tuple[Path, _Page]]:
    """Yield every page of a copy."""
    for file in sorted(copy.rglob("*.html")):
        yield file, _Page(file.read_text(encoding="utf-8"))


def broken(copy: Path) -> list[tuple[str, str]]:
    """Return the links that lead neither to a file of the copy nor to the living site or a place to share."""
    found = []
    for file, page in pages_of(copy):
        for _, link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                is_right = link.startswith((*LIVING, *ELSEWHERE))
            else:
                target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
                places = _Page(target.read_text(encoding="utf-8")).places if parts.fragment else {""}
                is_right = target.is_relative_to(copy) and target.is_file() and parts.fragment in places
            found += [] if is_right else [(str(file.relative_to(copy)), link)]
    return found


def test_every_public_address_is_in_a_copy_or_left_out_for_a_reason() -> None:
    public = {route.name for route in all_routes() if not route.is_admin}
    assert public == BAKED | LEFT_OUT.keys()
    assert not BAKED & LEFT_OUT.keys()


def test_a_copy_has_every_kind_of_page_in_every_language(full: Petition, copy: Path) -> None:
    for language in site_languages():
        place = copy / page_of(full, language=language).strip("/")
        for name in ("", "deliveries/", "updates/", "ledger/", "text/1/", "text/2/"):
            assert (place / name / "index.html").is_file(), name
        assert (place / "card.png").read_bytes().startswith(b"\x89PNG")
        assert list(place.glob("deliveries/*/manifest.json"))
        for name in ("", "privacy", "accessibility"):
            assert (copy / language / name / "index.html").is_file()
    assert (copy / "index.html").is_file()
    assert list(copy.glob("picture/*/wide.webp"))
    assert (copy / ".well-known/mirrors.txt").is_file()
    text = words((copy / page_of(full).strip("/") / "index.html").read_text(encoding="utf-8"))
    assert full.title_en in text
    assert "This is a copy, made on" in text


def test_every_link_of_a_copy_leads_to_a_file_or_to_the_living_site(full: Petition, copy: Path) -> None:
    assert sum(1 for _ in pages_of(copy)) > 15
    assert broken(copy) == []


def test_a_copy_has_no_script_no_form_and_no_name(full: Petition, copy: Path) -> None:
    for file, page in pages_of(copy):
        assert not page.elements & {"script", "form", "input", "button", "select", "textarea", "iframe"}, file
        assert "Content-Security-Policy" in file.read_text(encoding="utf-8") or file == copy / "index.html"
    for file in copy.rglob("*"):
        if file.is_file():
            assert "Ўлашэнка".encode() not in file.read_bytes(), file
    assert not list(copy.rglob("signers"))


def test_where_a_form_was_links_lead_to_the_site_and_its_onion_service(full: Petition, copy: Path) -> None:
    path = page_of(full)
    links = {link for _, link in _Page((copy / path.strip("/") / "index.html").read_text(encoding="utf-8")).links}
    assert {f"{SITE}{path}", f"{ONION}{path}"} <= links
    assert f"{SITE}{path}signers/" in links


def test_a_copy_is_made_while_the_site_is_closed_and_holds_no_petition_that_no_list_leads_to(
    full: Petition, tmp_path: Path
) -> None:
    turn_on(name=SwitchName.CLOSED, reason="A test", actor=None)
    call_command("bake", str(tmp_path / "closed"))
    assert list((tmp_path / "closed").rglob("petitions"))
    Petition.objects.filter(pk=full.pk).update(status=PetitionStatus.CLOSED, archived_at=Now())
    call_command("bake", str(tmp_path / "closed"))
    assert not list((tmp_path / "closed").rglob("petitions"))


def test_a_copy_is_signed_and_anybody_checks_it(copy: Path) -> None:
    require_program("openssl")
    check = "openssl pkeyutl -verify -pubin -inkey mirrors.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig"
    subprocess.run(check.split(), cwd=copy, check=True, capture_output=True)
    lines = (copy / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    summed = {line.partition("  ")[2]: line.partition("  ")[0] for line in lines}
    files = {file.relative_to(copy).as_posix() for file in copy.rglob("*") if file.is_file()}
    assert files - summed.keys() == {"SHA256SUMS", "SHA256SUMS.sig", "mirrors.pem"}
    for name, digest in summed.items():
        assert hashlib.sha256((copy / name).read_bytes()).hexdigest() == digest


def test_a_folder_with_anything_else_is_left_alone(copy: Path, tmp_path: Path) -> None:
    (copy / "old.html").write_text("old", encoding="utf-8")
    call_command("bake", str(copy))
    assert not (copy / "old.html").exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy"]
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(CommandError, match="something else than a copy"):
        call_command("bake", str(other))
    assert (other / "chapter.txt").read_text(encoding="utf-8") == "years of work"


def test_a_petition_is_one_file_that_holds_all_that_it_shows(full: Petition, tmp_path: Path) -> None:
    call_command("bake", str(tmp_path / "single"), "--single")
    files = sorted(file.name for file in (tmp_path / "single").glob("*.html"))
    assert files == sorted(f"{full.slug}-{language}.html" for language in site_languages())
    text = (tmp_path / "single" / files[0]).read_text(encoding="utf-8")
    page = _Page(text)
    assert full.title_en in text
    assert "<style>" in text
    assert "data:image/webp;base64," in text
    shown = {link for element, link in page.links if element != "a"}
    assert [link for link in shown if not link.startswith(("data:", f"{SITE}/"))] == []
    assert re.findall(r'<(?:img|link rel="(?:icon|stylesheet)")[^>]+(?:src|href)="(?!data:)', text) == []
    assert {
        link for element, link in page.links if element == "a" and not link.startswith((*LIVING, *ELSEWHERE, "#"))
    } == set()
