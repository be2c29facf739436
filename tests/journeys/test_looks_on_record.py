"""Whoever sees a signer's name at the desk is on record: where, how it was looked for, never by which words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from signatures.models import AuditEntry, Batch, Petition, Signature, Wave
from signatures.models.choices import AuditAction
from signatures.moderating.batches import make_batch
from signatures.moderating.waves import WaveWatch
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.every_route import Site, fill
from tests.support.mailbox import Mailbox
from tests.support.sheets import make_sheets, sheet_path, type_sheet
from tests.support.two_people import somebody

pytestmark = pytest.mark.django_db
LIST = "/admin/signatures/signature/"
NAME = "Xanthippa Qwertyuiopska"
REASON = "Zyzzyva Jklmnbvcska"
NO_PAGES = {"/admin/r/{content_type_id}/{object_id}/", "/admin/{url}", "/admin/logout/"}
# What is sent in place of a visit; a form that asks once more shows what it will do.
FORMS: dict[str, dict[str, str]] = {"signature_decide": {"action": "ERASE"}}


def looks() -> list[AuditEntry]:
    """Return what is on record of looks at names, the oldest first."""
    return list(AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED).order_by("pk"))


def shows_a_name(content: bytes) -> bool:
    """Return whether a page shows what a signer wrote."""
    return any(word.encode() in content for word in (NAME, NAME.lower(), NAME.split(maxsplit=1)[0], REASON))


@pytest.fixture
def signer(petition: Petition, organiser: Client, mailbox: Mailbox) -> tuple[Site, Signature]:
    """Return a site with something of everything, all of it of one signer with an unusual name."""
    site = fill(petition, mailbox, organiser)
    Signature.objects.filter(name__isnull=False).update(name=NAME)
    one = petition.signatures.filter(visibility="PUBLIC").latest("pk")
    Signature.objects.filter(pk=one.pk).update(reason=REASON, name_review="WAITING")
    for number in range(60):
        factories.make_signature(petition, address=f"fake-{number}@catch-all.example", name=NAME)
    WaveWatch().look()
    site.values["pk"] = petition.pk
    return site, one


def addresses(site: Site, one: Signature) -> Iterator[tuple[str, str]]:
    """Yield name and path of every page of the desk, and of those that show more when asked to."""
    petition = site.petition
    for route in all_routes():
        if route.is_admin and route.pattern not in NO_PAGES:
            yield route.name, site.path_of(route)
    for name in ("change", "delete", "history"):
        yield "one signature", reverse(f"admin:signatures_signature_{name}", args=[one.pk])
    yield "signature_decide", reverse("admin:signature_decide", args=[one.pk])
    yield "erase", reverse("admin:signature_erase", args=[one.pk])
    waves = reverse("admin:petition_waves", args=[petition.pk])
    yield from (("wave", f"{waves}?wave={wave}") for wave in Wave.objects.values_list("pk", flat=True))
    yield "searched", f"{LIST}?q={NAME.split(maxsplit=1)[0]}"
    rule = make_batch(rule=Batch(petition=petition, name=NAME.lower(), has_name=True), actor=factories.make_organiser())
    new = reverse("admin:petition_rule", args=[petition.pk])
    yield "the same rule again", f"{new}?again={rule.pk}"
    for stage in ("COUNTING", "READY"):
        Batch.objects.filter(pk=rule.pk).update(stage=stage, sample=[one.pk])
        yield f"rule that is {stage}", reverse("admin:petition_batch", args=[petition.pk, rule.pk])
    yield "rules", reverse("admin:petition_rules", args=[petition.pk])
    (sheet,) = make_sheets(petition, two_people=True)
    for client, rows in ((somebody()[1], [("PUBLIC", NAME, "PL")]), (somebody()[1], [("PUBLIC", NAME, "LT")])):
        type_sheet(client, sheet, rows)
    yield "two readings of a sheet", sheet_path(sheet)


def test_no_page_of_the_desk_shows_a_name_that_is_not_on_record(
    signer: tuple[Site, Signature], organiser_client: Callable[[str], Client]
) -> None:
    administrator, shown = organiser_client(""), {}
    for name, path in addresses(*signer):
        before = len(looks())
        form = FORMS.get(name)
        page = administrator.post(path, form) if form else administrator.get(path)
        if page.status_code == 200 and shows_a_name(page.content):
            shown[name] = len(looks()) - before
    assert {name: entries for name, entries in shown.items() if entries < 1} == {}
    assert len(shown) > 10
    for entry in looks():
        assert entry.details["page"]
        assert entry.petition_id == signer[0].petition.pk


def test_a_look_at_the_list_tells_its_filters_as_codes_and_never_a_word(
    petition: Petition, organiser_client: Callable[[str], Client]
) -> None:
    moderator = organiser_client("Moderators")
    one = factories.make_signature(petition, name="Аня Ўлашэнка", country="BY")
    query: dict[str, str | int] = {
        "q": "Ўлашэнка",
        "petition__id__exact": petition.pk,
        "state__exact": "CONFIRMED",
        "country": "BY",
        "text_version__id__exact": one.text_version_id,
        "day": one.signed_on.isoformat(),
        "rows": f"{one.pk}",
    }
    assert moderator.get(LIST, query).status_code == 200
    (entry,) = looks()
    assert (entry.petition_id, entry.amount, entry.target) == (petition.pk, 1, None)
    assert entry.details == {
        "page": "LIST",
        "search": "WORDS",
        "filters": {
            "state": "CONFIRMED",
            "country": "BY",
            "text_version": one.text_version_id,
            "day": one.signed_on.isoformat(),
            "by_numbers": True,
        },
    }
    alike: dict[str, str | int] = {"petition__id__exact": petition.pk, "like": one.pk, "q": " "}
    moderator.get(LIST, alike)
    assert looks()[-1].details == {"page": "LIST", "search": "NONE", "filters": {"same_domain": True}}


@pytest.mark.parametrize(
    "typed",
    [
        "state__exact",
        "visibility__exact",
        "language__exact",
        "country",
        "day",
        "since",
        "until",
        "why",
        "names",
        "reasons",
    ],
)
def test_what_is_typed_into_an_address_in_place_of_a_code_is_not_kept(
    petition: Petition, organiser: Client, typed: str
) -> None:
    factories.make_signature(petition)
    organiser.get(LIST, {typed: "Qwertyuiopska"})
    assert "Qwertyuiopska" not in json.dumps([entry.details for entry in looks()])


def test_a_list_of_several_petitions_is_a_look_at_each(petition: Petition, organiser: Client) -> None:
    other = factories.make_petition()
    for one in (petition, petition, other):
        factories.make_signature(one)
    organiser.get(LIST)
    assert {(entry.petition_id, entry.amount) for entry in looks()} == {(petition.pk, 2), (other.pk, 1)}


def test_a_search_that_finds_nobody_is_a_look_too(petition: Petition, organiser: Client) -> None:
    organiser.get(LIST, {"q": "Nobody"})
    (entry,) = looks()
    assert (entry.petition_id, entry.amount, entry.details["search"]) == (petition.pk, 0, "WORDS")
