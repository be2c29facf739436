"""Which signatures a rule is about: each condition, alone and together, and what is no rule."""

from __future__ import annotations

import html
import re
from typing import cast
from urllib.parse import parse_qsl

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.models import (
    Batch,
    Petition,
    Signature,
    Wave,
)
from signatures.models.choices import BatchStage, SignatureState, StateReason, Visibility, WaveKind
from signatures.moderating import batch_steps, batches
from tests.support import factories
from tests.support.database import query
from tests.support.page_reading import read, words
from tests.support.rules import new_path, path_of, preview, work

pytestmark = pytest.mark.django_db
HOLD = {"action": "HOLD", "reason": "SUSPICIOUS"}


def names_of(batch: Batch) -> set[str | None]:
    """Return the names of the signatures that a rule has matched, as far as its sample goes."""
    return set(Signature.objects.filter(pk__in=batch.sample).values_list("name", flat=True))


@pytest.fixture
def different(petition: Petition) -> Petition:
    """Return a petition with signatures that each differ from an ordinary one in one respect."""
    make = factories.make_signature
    make(petition, name="Ordinary")
    make(petition, name="Polish", country="PL")
    make(petition, name="Russian", language="ru")
    make(petition, name="Public", visibility=Visibility.PUBLIC)
    make(petition, name="Waiting", visibility=Visibility.PUBLIC, name_review="WAITING")
    make(petition, name="Trapped", state=SignatureState.HELD, state_reason=StateReason.HONEYPOT)
    make(petition, name="Removed", state=SignatureState.REMOVED, state_reason=StateReason.INVENTED)
    make(petition, name="Zoë O'Neill-Łuk", address="a@elsewhere.example")
    early = make(petition, name="Early")
    query(
        "UPDATE signatures_signature SET first_confirmed_at = '2011-01-31 18:02Z', last_confirmed_at ="
        " '2011-01-31 18:02Z', current_since = '2011-01-31 18:02Z' WHERE id = %s",
        [early.pk],
    )
    factories.publish_next(petition)
    make(petition, name="Later text")
    make(factories.make_petition(), name="Elsewhere", country="PL")
    return petition


def sign_alike(petition: Petition, signature: Signature, amount: int) -> None:
    """Store so many signatures named Alike of the same mail domain as another."""
    for _ in range(amount):
        factories.make_signature(petition, name="Alike", domain_key=signature.domain_key)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"country": "PL"}, {"Polish"}),
        ({"language": "ru"}, {"Russian"}),
        ({"visibility": "PUBLIC"}, {"Public", "Waiting"}),
        ({"visibility": "PUBLIC", "name_review": "WAITING"}, {"Waiting"}),
        ({"state": "HELD"}, {"Trapped"}),
        ({"state": "HELD", "state_reason": "SUSPICIOUS"}, set()),
        ({"state_reason": "INVENTED"}, {"Removed"}),
        ({"name": "luk zoe"}, {"Zoë O'Neill-Łuk"}),
        ({"name": "luk", "country": "PL"}, set()),
        ({"since": "2011-01-31T18:02", "until": "2011-01-31T18:03"}, {"Early"}),
        ({"since": "2011-01-31T18:03", "until": "2011-01-31T19:00"}, set()),
        ({"until": "2011-01-31T18:03"}, {"Early"}),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_each_condition_is_met_whoever_counts(  # noqa: PLR0917 - what is given and what is found
    different: Petition,
    moderator: Client,
    conditions: dict[str, str],
    found: set[str],
    at_once: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not at_once:
        monkeypatch.setattr(batches, "COUNTED_AT_ONCE_MAX", -1)
        monkeypatch.setattr(batch_steps, "WINDOW", 3)
    batch = preview(moderator, different, **conditions)
    assert (batch.stage == BatchStage.READY) == at_once
    work()
    batch.refresh_from_db()
    assert names_of(batch) == found
    assert batch.matched == len(found)
    assert f"{len(found)} signature" in words(read(moderator, path_of(batch)))


def test_versions_domains_and_numbers_are_conditions_too(different: Petition, moderator: Client) -> None:
    newest = factories.newest_version(different)
    assert names_of(preview(moderator, different, text_version=str(newest.pk))) == {"Later text"}
    luk, polish = (Signature.objects.get(name=name) for name in ("Zoë O'Neill-Łuk", "Polish"))
    sign_alike(different, luk, 9)
    assert names_of(preview(moderator, different, like=str(luk.pk))) == {"Zoë O'Neill-Łuk", "Alike"}
    there = preview(moderator, different, ids=f"{polish.pk}-{polish.pk + 1}, {luk.pk}")
    assert names_of(there) == {"Polish", "Russian", "Zoë O'Neill-Łuk"}
    page = words(read(moderator, path_of(there)))
    assert f"Their row numbers are: {polish.pk}–{polish.pk + 1}, {luk.pk}." in page
    elsewhere = Signature.objects.get(name="Elsewhere")
    assert preview(moderator, different, ids=str(elsewhere.pk)).matched == 0, "of another petition"


def test_no_rule_tells_who_signed_from_a_small_workplace(different: Petition, moderator: Client) -> None:
    luk = Signature.objects.get(name="Zoë O'Neill-Łuk")
    sign_alike(different, luk, 8)
    for conditions in ({}, {"name": "Alike"}, {"ids": str(luk.pk)}):
        answer = moderator.post(new_path(different), {"like": str(luk.pk), **conditions})
        assert answer.status_code == 422
        assert "that would tell who signed from a small workplace" in words(answer.content.decode())
    assert not Batch.objects.exists()
    Wave.objects.create(
        petition=different,
        kind=WaveKind.DOMAIN,
        domain_key=luk.domain_key,
        amount=9,
        expected=0,
        since=luk.last_confirmed_at,
        last_at=luk.last_confirmed_at,
    )
    assert preview(moderator, different, like=str(luk.pk)).matched == 9, "its wave is told anyway"


def test_the_conditions_are_there_again_to_be_changed(different: Petition, moderator: Client) -> None:
    luk, polish = (Signature.objects.get(name=name) for name in ("Zoë O'Neill-Łuk", "Polish"))
    sign_alike(different, luk, 9)
    conditions = {
        "like": str(luk.pk),
        "ids": f"{polish.pk}-{luk.pk}, {luk.pk + 5}",
        "since": "2011-01-31T18:02",
        "until": "2100-01-01T00:00",
        "country": "LT",
        "language": "en",
        "text_version": str(luk.text_version_id),
        "visibility": "DELIVERED",
        "name": "zoë łuk",
        "state": "CONFIRMED",
        "state_reason": "",
        "name_review": "OK",
    }
    batch = preview(moderator, different, **conditions)
    assert names_of(batch) == {luk.name}
    page = moderator.get(f"{new_path(different)}?again={batch.pk}")
    assert f"?again={batch.pk}" in read(moderator, path_of(batch))
    shown = {name: page.context["form"][name] for name in conditions}
    sent = {
        name: str(field.field.widget.format_value(field.value()) or "")
        for name, field in shown.items()
        if name in {"since", "until"}
    }
    sent |= {name: str(field.value() or "") for name, field in shown.items() if name not in sent}
    like = Signature.objects.get(pk=sent.pop("like"))
    assert like.domain_key == luk.domain_key
    assert sent == {name: value for name, value in conditions.items() if name != "like"}
    for odd in ("x", "0", "9" * 30):
        assert moderator.get(f"{new_path(different)}?again={odd}&like={odd}").status_code == 200


@pytest.mark.parametrize(
    "conditions",
    [
        {"ids": "from 3 to 5"},
        {"ids": "1-"},
        {"ids": "1-99999999"},
        {"since": "2011-01-02T00:00", "until": "2011-01-01T00:00"},
        {"name": "' & !"},
        {"country": "XX"},
        {"text_version": "0"},
        {"like": "99999"},
        {"like": "-1"},
        {"since": "yesterday"},
    ],
)
def test_what_is_no_rule_is_asked_about_again(
    petition: Petition, moderator: Client, conditions: dict[str, str]
) -> None:
    assert moderator.post(new_path(petition), conditions).status_code == 422
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("filters", "conditions"),
    [
        ({"why": "SUSPICIOUS"}, {"state_reason": "SUSPICIOUS"}),
        ({"names": "WAITING"}, {"name_review": "WAITING", "visibility": "PUBLIC"}),
        ({"like": "7"}, {"like": "7"}),
        ({"rows": "7, 12-20"}, {"ids": "7, 12-20"}),
        ({"since": "2026-11-01T18:00", "until": "2026-11-01T19:00"}, None),
        ({"day": "2026-11-01"}, {"since": "2026-11-01T00:00", "until": "2026-11-02T00:00"}),
        ({"state__exact": "HELD", "visibility__exact": "PUBLIC"}, {"state": "HELD", "visibility": "PUBLIC"}),
        ({"language__exact": "ru", "country": "LT", "q": "sig"}, {"language": "ru", "country": "LT", "name": "sig"}),
    ],
)
def test_every_filter_of_the_list_is_carried_over_to_the_rule(
    petition: Petition, moderator: Client, filters: dict[str, str], conditions: dict[str, str] | None
) -> None:
    page = cast("HttpResponse", moderator.get("/admin/signatures/signature/", filters)).content.decode()
    (link,) = re.findall(rf'href="({re.escape(new_path(petition))}[^"]*)"', page)
    assert dict(parse_qsl(html.unescape(link).partition("?")[2])) == (conditions or filters)
