"""The signature list is narrowed to hours, reasons, numbers and mail domains; and nobody is looked up by that."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from signatures.models import Petition, Signature
from signatures.models.choices import Visibility
from signatures.models.signature import ALIKE_MIN
from signatures.safeguarding import keys
from tests.support import factories
from tests.support.page_reading import read, words

LIST = "/admin/signatures/signature/"
NUMBER = re.compile(r'class="field-row_number"><a[^>]*>(\d+)<')
COLUMN = re.compile(r'<th scope="col" class="column-(\w+)"')
pytestmark = pytest.mark.django_db


def listed(client: Client, **parameters: str) -> set[int]:
    """Return the numbers on the first page of the list."""
    response = client.get(LIST, parameters)
    assert response.status_code == 200, parameters
    return {int(number) for number in NUMBER.findall(response.content.decode())}


def columns(client: Client, **parameters: str) -> list[str]:
    """Return the columns of the list."""
    return COLUMN.findall(client.get(LIST, parameters).content.decode())


def of_domain(petition: Petition, domain: str, amount: int, **values: str) -> list[int]:
    """Store signatures of one mail domain, and return their numbers."""
    addresses = [f"{number}@{domain}" for number in range(amount)]
    return [factories.make_signature(petition, address=address, **values).pk for address in addresses]


def test_hours_are_filtered_from_one_minute_until_before_another(petition: Petition, organiser: Client) -> None:
    made = []
    for hour in (17, 18, 19):
        signature = factories.make_signature(petition)
        at = datetime(2011, 1, 31, hour, tzinfo=UTC)
        Signature.objects.filter(pk=signature.pk).update(first_confirmed_at=at, last_confirmed_at=at, current_since=at)
        made.append(signature.pk)
    assert listed(organiser, since="2011-01-31T18:00") == {*made[1:]}
    assert listed(organiser, until="2011-01-31T18:00") == {made[0]}
    assert listed(organiser, since="2011-01-31T18:00", until="2011-01-31T19:00") == {made[1]}
    page = read(organiser, f"{LIST}?since=2011-01-31T18:00&until=2011-01-31T19:00")
    assert "31 January 2011, 18:00" in words(page)
    assert 'name="until" value="2011-01-31T19:00"' in " ".join(page.split())


@pytest.mark.parametrize("odd", ["x", "2011-02-30T00:00", "0000-00-00", "' OR 1=1", "99999-01-01T00:00"])
@pytest.mark.parametrize("name", ["since", "until", "like", "rows"])
def test_what_is_no_value_finds_nothing(petition: Petition, organiser: Client, name: str, odd: str) -> None:
    factories.make_signature(petition)
    assert listed(organiser, **{name: odd}) == set()


def test_reasons_names_and_numbers_are_filtered(petition: Petition, organiser: Client) -> None:
    make = factories.make_signature
    trap = make(petition, state="HELD", state_reason="HONEYPOT").pk
    invented = make(petition, state="REMOVED", state_reason="INVENTED").pk
    waiting = make(petition, visibility="PUBLIC", name_review="WAITING").pk
    hidden = make(petition, visibility="PUBLIC", name_review="HIDDEN").pk
    lowered = make(petition, name_review="WAITING").pk
    assert listed(organiser, why="HONEYPOT") == {trap}
    assert listed(organiser, why="INVENTED") == {invented}
    assert listed(organiser, names="WAITING") == {waiting}
    assert listed(organiser, names="HIDDEN") == {hidden}
    assert listed(organiser, rows=f"{trap}, {waiting}-{hidden}") == {trap, waiting, hidden}
    assert listed(organiser, rows="9" * 25) == set()
    everyone = {trap, invented, waiting, hidden, lowered}
    assert listed(organiser, why="x", names="y") == everyone


def test_signatures_of_one_mail_domain_are_found_by_one_of_them(
    petition: Petition, ordinary: Petition, organiser: Client
) -> None:
    wave = of_domain(petition, "zyzzyva.example", ALIKE_MIN)
    others = of_domain(petition, "elsewhere.example", 3)
    elsewhere = of_domain(ordinary, "zyzzyva.example", ALIKE_MIN)
    assert listed(organiser, like=str(wave[0])) == {*wave}
    assert listed(organiser, like=str(elsewhere[0])) == {*elsewhere}, "of its own petition alone"
    page = read(organiser, f"{LIST}{wave[3]}/change/")
    assert f'href="{LIST}?like={wave[3]}"' in page
    assert "like=" not in read(organiser, f"{LIST}{others[0]}/change/").split("What is stored")[1]
    for text in (page, read(organiser, f"{LIST}?like={wave[3]}")):
        key = keys.domain_keys(petition.pk, "a@zyzzyva.example")[0]
        assert key.hex() not in text
        assert "zyzzyva" not in text


def test_fewer_than_ten_of_a_domain_are_not_shown_together(petition: Petition, organiser: Client) -> None:
    """Whoever has a mailbox at a small firm could otherwise see who else signed from there."""
    own = of_domain(petition, "small-firm.example", ALIKE_MIN - 1)
    assert listed(organiser, like=str(own[0])) == set()
    old = factories.make_signature(petition, domain_key=None)
    said = "Domains with fewer than ten signatures are not shown"
    for number in (own[0], old.pk, 999_999):
        assert said in words(read(organiser, f"{LIST}?like={number}")), "they are not told apart"


def test_no_filter_tells_whether_an_address_has_signed(petition: Petition, organiser: Client) -> None:
    address = "signed@zyzzyva.example"
    factories.make_signature(petition, address=address, name="Ян Жмнзк")
    known, unknown = ((keys.email_keys(petition.pk, one)[0].hex(), one) for one in (address, "not@zyzzyva.example"))
    names = ("since", "until", "why", "names", "like", "rows", "country", "day", "reasons", "q", "state__exact")
    for name in names:
        for one, other in zip(known, unknown, strict=True):
            assert listed(organiser, **{name: one}) == listed(organiser, **{name: other}), name
    for name in ("email_key", "domain_key", "email_key__startswith", "last_confirmed_at__gt", "place", "name"):
        assert organiser.get(LIST, {name: "1"}).status_code == 400, name


def test_columns_that_say_nothing_are_left_out(petition: Petition, organiser: Client) -> None:
    factories.make_signature(petition)
    usual = ["row_number", "shown_name", "country_name", "seen_by", "state_now", "confirmed_at"]
    assert columns(organiser) == usual
    factories.make_signature(petition, city="Wilno", language="ru")
    assert columns(organiser) == [*usual[:3], "city", *usual[3:], "language"]
    assert columns(organiser, language__exact="en") == usual
    factories.make_signature(petition, state="HELD", state_reason="DUPLICATE", source="PAPER")
    assert columns(organiser, state__exact="HELD") == [*usual[:5], "why", usual[5], "source"]
    other = factories.make_petition()
    factories.make_signature(other, visibility=Visibility.COUNTED)
    assert columns(organiser)[-1] == "petition"
    assert columns(organiser, petition__id__exact=str(other.pk)) == ["row_number", *usual[2:]]
    factories.publish_next(petition)
    assert columns(organiser, country="LT")[-3:] == ["version", "source", "petition"]
    assert "version" not in columns(organiser, petition__id__exact=str(other.pk))
    assert "version" in columns(organiser, petition__id__exact=str(petition.pk))


def test_the_list_says_in_short_words_who_sees_a_name_and_whether_it_counts(
    petition: Petition, organiser: Client
) -> None:
    for visibility in Visibility:
        factories.make_signature(petition, visibility=visibility)
    factories.make_signature(petition, state="REMOVED", state_reason="ABUSIVE")
    page = read(organiser, LIST)
    cells = [words(one) for one in re.findall(r'<td class="field-(?:seen_by|state_now)">(.*?)</td>', page)]
    assert cells == ["Recipients", "Removed", "Everyone", "Counts", "Recipients", "Counts", "No one", "Counts"]
    assert '<span class="state state-removed">Removed</span>' in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nobody has signed yet."),
        ("q=zyz", "No name has words that begin with these."),
        ("country=PL", "No signature fits all that is chosen."),
        ("q=zyz&country=PL", "No signature fits all that is chosen."),
        ("like=1", "Nothing to compare."),
    ],
)
def test_an_empty_list_says_what_that_means(petition: Petition, organiser: Client, query: str, said: str) -> None:
    page = words(read(organiser, f"{LIST}?{query}"))
    assert said in page
    assert ("Show all signatures" in page) is bool(query)


def test_a_list_of_hours_goes_on_where_its_page_ends(petition: Petition, organiser: Client) -> None:
    made = [factories.make_signature(petition).pk for _ in range(60)]
    Signature.objects.filter(pk__in=made[:30]).update(
        last_confirmed_at=datetime.now(UTC) + timedelta(hours=1), current_since=datetime.now(UTC) + timedelta(hours=1)
    )
    first, second = (listed(organiser, since="2011-01-01T00:00", p=str(page)) for page in (1, 2))
    assert (len(first), len(second), first & second) == (50, 10, set())
    assert {*made[:30]} <= first
