"""Adds a language to a copy of the site in the places that docs/languages.md names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.fourth_language.catalogue import write_catalogue
from tests.support.journals import environment_of

ROOT = Path(__file__).resolve().parents[3]
CODE = "eo"
COPIED = ("petition_site", "signatures", "static", "templates", "locale", "tests", "tryout", "deploy", "manage.py")
MEMBER = '    BE = "be", name_of("be")\n'
TRAITS = "TRAITS = {\n"
# No other language has such dashes between day, month and year.
FORMATS = '''"""Dates in the pseudo-language."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j‐F‐Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j‐F‐Y, H:i"
YEAR_MONTH_FORMAT = "F‐Y"
TIME_FORMAT = "H:i"
MONTH_DAY_FORMAT = "j‐F"
'''
# Tables that may have millions of rows, and their checks that know the languages.
GROWING = {"attempt": "attempt_whole_or_stub", "signature": "signature_language_known"}
VALIDATE = '''"""Looks at the rows that were there before the language."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("signatures", "{before}")]
    operations = [{operations}]
'''
NO_SAMPLES = """        migrations.RunSQL(
            "ALTER TABLE signatures_leadpetitioner ALTER COLUMN nationality_eo SET STATISTICS 0",
            migrations.RunSQL.noop,
        ),
    ]
"""


def run_in(site: Path, database_url: str, *words: str, **env: str) -> str:
    """Run a management command of a copy of the site, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=site,
        env={**environment_of(database_url), "PYTHONPATH": str(site), **env},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_site(folder: Path) -> Path:
    """Copy the site's source into a folder, and return the copy."""
    site = folder / "site"
    site.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, site / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, site)
    return site


def add_language(site: Path, database_url: str) -> None:
    """Add all parts of a language to a copy of the site, and its columns to a database."""
    code = site / "signatures/languages.py"
    _replace(code, MEMBER, f'{MEMBER}    EO = "eo", name_of("eo")\n')
    traits = 'Traits(og_locale="eo_EO", letter_date="j‐F‐Y", list_date="%d‐%m‐%Y")'
    _replace(code, TRAITS, f"{TRAITS}    Language.EO: {traits},\n")
    formats = site / "petition_site/formats" / CODE
    formats.mkdir()
    (formats / "__init__.py").touch()
    (formats / "formats.py").write_text(FORMATS, encoding="utf-8")
    write_catalogue(site, CODE)
    run_in(site, database_url, "compilemessages", "--verbosity=0", f"--locale={CODE}")
    run_in(site, database_url, "makemigrations", "signatures", "--name=esperanto", "--verbosity=0")
    (migration,) = (site / "signatures/migrations").glob("*_esperanto.py")
    _replace(migration, "    ]\n", NO_SAMPLES, last=True)
    _check_later(migration)
    run_in(site, database_url, "migrate", "--verbosity=0")


def _check_later(migration: Path) -> None:
    """Leave reading the rows of tables that grow to a migration of its own."""
    for model in GROWING:
        added = f"AddConstraint(\n            model_name='{model}'"
        _replace(migration, f"migrations.{added}", added.replace("(", "NotValid("))
    imported = "from django.contrib.postgres.operations import AddConstraintNotValid\n"
    _replace(migration, "from django.db import", f"{imported}from django.db import")
    operations = ", ".join(f"ValidateConstraint({model!r}, {name!r})" for model, name in GROWING.items())
    text = VALIDATE.format(before=migration.stem, operations=operations)
    migration.with_stem(f"{migration.stem}_checks").write_text(text, encoding="utf-8")


def _replace(path: Path, old: str, new: str, *, last: bool = False) -> None:
    text = path.read_text(encoding="utf-8")
    head, found, tail = text.rpartition(old) if last else text.partition(old)
    assert found, f"{path}: {old}"
    path.write_text(head + new + tail, encoding="utf-8")
