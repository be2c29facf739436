"""What stands in the file: columns, languages, cells, numbering, and one state of the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from signatures.delivering import rows
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_export
from signatures.delivering.preview import preview_exports
from signatures.models import Petition, Recipient, Signature
from signatures.models.choices import SignatureState, StateReason
from tests.support import factories
from tests.support.name_lists import (
    BYTE_ORDER_MARK,
    add_signatures,
    content_of,
    names_in,
    order_list,
    recipient_of,
    rows_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[str], Client]
HEADER = ["number", "name", "country_code", "country", "signed_on", "language", "text_version"]


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names."""
    return recipient_of(petition, "Parliament")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut lists into blocks of three rows."""
    monkeypatch.setattr(rows, "BLOCK_ROWS", 3)


def confirm_in_2011(signature: Signature) -> None:
    """Let a signature be one of an earlier day."""
    instant = datetime(2011, 1, 31, 23, 59, tzinfo=UTC)
    Signature.objects.filter(pk=signature.pk).update(
        first_confirmed_at=instant, last_confirmed_at=instant, current_since=instant
    )


def whole_list(recipient: Recipient) -> bytes:
    """Make a list as a command does."""
    return b"".join(start_export(recipient=recipient, layout=Layout("en", ","), reason="Hand-over", actor=None))


def test_a_file_has_the_agreed_columns_and_says_how_to_treat_it(
    petition: Petition, parliament: Recipient, organiser_client: LogIn
) -> None:
    confirm_in_2011(factories.make_signature(petition, name="Аня Ўлашэнка", country="LT", language="ru"))
    factories.publish_next(petition)
    later = factories.make_signature(petition, name='A "B", C; D', country="BY")
    later.refresh_from_db()
    response = order_list(organiser_client("Organisers"), parliament)
    assert rows_in(content_of(response)) == [
        HEADER,
        ["1", "Аня Ўлашэнка", "LT", "Lithuania", "2011-01-31", "ru", "1"],
        ["2", 'A "B", C; D', "BY", "Belarus", later.signed_on.isoformat(), "en", "2"],
    ]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="signatures-[a-z0-9-]+\.csv"', response["Content-Disposition"])
    assert "no-store" in response["Cache-Control"]
    assert "Content-Length" not in response.headers


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_header_and_countries_are_in_the_language_chosen_and_cells_between_the_separators_chosen(
    petition: Petition, parliament: Recipient, organiser_client: LogIn, language: str, delimiter: str
) -> None:
    factories.make_signature(petition, name="A, B; C", country="LT")
    client = organiser_client("Organisers")
    content = content_of(order_list(client, parliament, language=language, delimiter=delimiter))
    header, row = rows_in(content, delimiter)
    with translation.override(language):
        assert header == [gettext(name) for name in HEADER]
    assert (header == HEADER) == (language == "en")
    assert row[:4] == ["1", "A, B; C", "LT", {"en": "Lithuania", "ru": "Литва"}[language]]
    assert content.startswith(BYTE_ORDER_MARK + header[0].encode() + delimiter.encode())


def test_the_city_is_a_column_where_it_is_asked_for(
    petition: Petition, parliament: Recipient, organiser_client: LogIn
) -> None:
    factories.make_signature(petition, name="With", city="Нью-Ёрк")
    factories.make_signature(petition, name="Without")
    client = organiser_client("Organisers")
    assert "Нью-Ёрк".encode() not in content_of(order_list(client, parliament))
    factories.ask_for_city(petition)
    header, *rows = rows_in(content_of(order_list(client, parliament)))
    assert header == [*HEADER, "city"]
    assert [(row[1], row[7]) for row in rows] == [("With", "Нью-Ёрк"), ("Without", "")]


def test_a_list_that_nobody_is_on_is_a_header(parliament: Recipient, organiser_client: LogIn) -> None:
    assert rows_in(content_of(order_list(organiser_client("Organisers"), parliament))) == [HEADER]


@pytest.mark.parametrize("amount", [0, 1, 2, 3, 4, 6, 7, 10])
def test_blocks_leave_no_gap_and_no_name_twice(
    petition: Petition, parliament: Recipient, small_blocks: None, amount: int
) -> None:
    names = [f"Signer {number}" for number in range(amount)]
    between: list[str | None] = [None, "Held", None]
    add_signatures(petition, [one for name in names for one in (name, *between)])
    Signature.objects.filter(name="Held").update(state=SignatureState.HELD, state_reason=StateReason.SUSPICIOUS)
    content = whole_list(parliament)
    assert names_in(content) == names
    assert [row[0] for row in rows_in(content)[1:]] == [str(number) for number in range(1, amount + 1)]


def test_a_list_is_one_state_of_the_database_from_its_first_row_to_its_last(
    petition: Petition, parliament: Recipient, small_blocks: None
) -> None:
    names = [f"Signer {number}" for number in range(8)]
    add_signatures(petition, names)
    pieces = start_export(recipient=parliament, layout=Layout("en", ","), reason="Hand-over", actor=None)
    taken = [next(pieces), next(pieces)]
    Signature.objects.filter(name="Signer 1").delete()
    Signature.objects.filter(name="Signer 6").delete()
    Signature.objects.filter(name="Signer 7").update(name="Renamed")
    add_signatures(petition, ["Newcomer"])
    content = b"".join([*taken, *pieces])
    assert names_in(content) == names
    assert [row[0] for row in rows_in(content)[1:]] == [str(number) for number in range(1, 9)]
    assert names_in(whole_list(parliament)) == ["Signer 0", *names[2:6], "Renamed", "Newcomer"]


def test_the_preview_says_as_many_as_the_list_holds(petition: Petition, parliament: Recipient) -> None:
    add_signatures(petition, ["One", None, "Two", None, None])
    (preview, _) = preview_exports(petition)
    assert (preview.confirmed, preview.named, preview.unnamed) == (5, 2, 3)
    assert len(names_in(whole_list(parliament))) == preview.named
