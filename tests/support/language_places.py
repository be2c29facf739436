"""Finds what a language still lacks before it can ship; docs/languages.md is the guide for people."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

CATALOGUE = "locale/{code}/LC_MESSAGES/django"
FORMATS = "petition_site/formats/{code}/formats.py"
MIGRATIONS = "signatures/migrations"
SOURCE_LANGUAGE = "en"


def missing_places(root: Path, code: str) -> list[str]:
    """Return a sentence for each place in which a language is missing.

    :param root: root of the repository
    """
    return [f"{problem}; see docs/languages.md" for problem in (*_formats(root, code), *_files(root, code))]


def _files(root: Path, code: str) -> Iterator[str]:
    catalogue = root / CATALOGUE.format(code=code)
    if not catalogue.with_suffix(".po").exists():
        yield f"{CATALOGUE.format(code=code)}.po is missing"
    elif not catalogue.with_suffix(".mo").exists():
        yield f"{CATALOGUE.format(code=code)}.mo is missing: run make messages"
    migrations = (path.read_text(encoding="utf-8") for path in (root / MIGRATIONS).glob("0*.py"))
    if not any(f'"title_{code}"' in text for text in migrations):
        yield f"No migration adds the columns of {code}: run makemigrations"


def _formats(root: Path, code: str) -> Iterator[str]:
    if not (root / FORMATS.format(code=code)).exists():
        yield f"{FORMATS.format(code=code)} is missing"
        return
    wanted, found = (_names(root / FORMATS.format(code=one)) for one in (SOURCE_LANGUAGE, code))
    for name in sorted(wanted - found):
        yield f"{FORMATS.format(code=code)} lacks {name}, which would be Django's"


def _names(path: Path) -> set[str]:
    spec = importlib.util.spec_from_file_location(f"formats_of_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name for name in vars(module) if name.isupper()}
