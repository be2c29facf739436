"""The table of columns is complete."""

from __future__ import annotations

import pytest
from django.db import models
from django.utils import translation
from django.utils.translation import gettext

from signatures.delivering.columns import COLUMNS, Column, Layout, columns_in, fields_in
from signatures.languages import Language
from signatures.models import Signature

ALL = Layout("en", ",", latin=True, city=True)
SOURCE_LANGUAGE = "en"
CODE_LENGTH_MAX = 2


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_heading_is_translated_into_every_language_that_lists_come_in(column: Column) -> None:
    assert column.header
    for language in set(Language.values) - {SOURCE_LANGUAGE}:
        with translation.override(language):
            assert gettext(column.header) != column.header, language


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_value_is_either_read_or_computed(column: Column) -> None:
    assert bool(column.expression) != bool(column.compute)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_columns_typed_by_signers_are_made_safe_for_spreadsheets(column: Column) -> None:
    table, _, name = column.expression.partition(".")
    stored = Signature._meta.get_field(name) if table == "listed" else None
    is_typed = (
        isinstance(stored, models.CharField) and not stored.choices and (stored.max_length or 0) > CODE_LENGTH_MAX
    )
    assert column.is_text == (is_typed or column.compute is not None)


def test_keys_are_unique_and_each_layout_has_its_columns() -> None:
    keys = [column.key for column in COLUMNS]
    assert len(set(keys)) == len(keys)
    assert [field.key for field in fields_in(ALL)] == keys
    assert {column.key for column in columns_in(Layout("en", ","))} == set(keys) - {"latin", "city"}
