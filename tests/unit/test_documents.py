"""Documents are reachable from the README, and everything they refer to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(set(ROOT.glob("docs/decisions/*.md")) - {ROOT / "docs/decisions/README.md"})
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#]+)(?:#[^)]*)?\)")
CODE = re.compile(r"```.*?```|`([^`\n]+)`", re.DOTALL)
SOURCE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.(?:conf|html|json|md|py|txt|typ|yml)")
# Path prefixes that documents may omit.
FOLDERS = (ROOT, ROOT / "signatures")
# Files created by starting the site.
MADE_AT_RUN_TIME = "var/"
# Documents about old versions may name files that no longer exist.
OF_THE_PAST = {ROOT / "CHANGELOG.md"}


def links_of(document: Path) -> list[Path]:
    """Return the links of a document within the repository."""
    return [(document.parent / link).resolve() for link in LINK.findall(document.read_text(encoding="utf-8"))]


def named(document: Path) -> list[str]:
    """Return the paths of files that a document names."""
    words = CODE.findall(document.read_text(encoding="utf-8"))
    return [word for word in words if SOURCE.fullmatch(word) and not word.startswith(MADE_AT_RUN_TIME)]


def identity(document: Path) -> str:
    """Return a document's test id."""
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=identity)
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    assert [link for link in links_of(document) if not link.exists()] == []


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if one not in OF_THE_PAST], ids=identity)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    assert [path for path in named(document) if not any((folder / path).exists() for folder in FOLDERS)] == []


def test_every_document_is_found_from_the_readme() -> None:
    found: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        found.add(document)
        waiting += [link for link in links_of(document) if link.suffix == ".md" and link not in found]
    assert set(DOCUMENTS) - found == set()


@pytest.mark.parametrize("page", DECISIONS, ids=identity)
def test_every_decision_says_what_it_costs_and_what_would_change_it(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "What it costs", "What would make us change it"]
