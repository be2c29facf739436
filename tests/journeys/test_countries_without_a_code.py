"""Those who live where ISO 3166-1 has no code for, have no nationality or say nothing of it, sign as all others do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from signatures.counting.reconciling import compare_tally
from signatures.models import Petition, Signature
from tests.support import factories
from tests.support.hand_overs import grow_older, package_of, prepare, unpacked
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import recipient_of, rows_in
from tests.support.page_reading import page_of, read, words
from tests.support.releases import move_releases, release

NAMES = {
    "XK": ("Kosovo", "Косово"),
    "XS": ("Stateless", "Без гражданства"),
    "ZZ": ("Other, or rather not said", "Другая страна или не указана"),
}


@pytest.mark.parametrize("code", NAMES)
def test_each_is_offered_stored_counted_and_shown_in_every_language(
    ordinary: Petition, visitor: Client, mailbox: Mailbox, code: str
) -> None:
    for language, name in zip(("en", "ru"), NAMES[code], strict=True):
        assert f'<option value="{code}">{name}</option>' in read(visitor, page_of(ordinary, language=language))
    assert factories.sign(visitor, ordinary, country=code, visibility="PUBLIC").status_code == 303
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    assert Signature.objects.get().country == code
    assert compare_tally(ordinary) == {}
    for language, name in zip(("en", "ru"), NAMES[code], strict=True):
        assert name in words(read(Client(), page_of(ordinary, "signers", language)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", NAMES)
def test_ten_of_them_are_a_cell_of_their_own_everywhere_and_none_of_the_union(
    petition: Petition, organiser: Client, code: str
) -> None:
    for country in (code, "PL"):
        for _ in range(12):
            factories.make_signature(petition, country=country)
    assert release(petition)
    assert Client().get(f"/api/petitions/{petition.slug}.json").json()["by_country"] == {code: 12, "PL": 12}
    grow_older(petition)
    move_releases(petition, timedelta(hours=1))
    delivery = prepare(organiser, recipient_of(petition, "Parliament"))
    files = unpacked(package_of(organiser, delivery))
    english, russian = NAMES[code]
    for language, name in (("en", english), ("ru", russian)):
        assert name in words(read(Client(), page_of(petition, language=language)))
    totals = rows_in(files["totals.csv"])
    assert ["country", code, english, "12"] in [row[:4] for row in totals]
    assert [row[3] for row in totals if row[0] == "union"] == ["12"]
    listed = rows_in(files["signatures.csv"])
    assert sum(row[2:4] == [code, english] for row in listed) == 12, listed[:2]
    page = read(organiser, f"{reverse('admin:signatures_signature_changelist')}?country={code}")
    assert page.count('class="field-country_name') == 12
    assert english in words(page)
