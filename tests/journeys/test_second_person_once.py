"""An agreement is used once and by who still has the right, and a rule removes no more than one person may."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from signatures.approving.gate import removed_alone
from signatures.delivering import downloads
from signatures.delivering.rows import Snapshot
from signatures.models import Approval, Batch, Membership, Organiser, Petition, Signature
from signatures.models.choices import BatchAction, SignatureState, StateReason
from signatures.moderating.batches import make_batch, start_batch, undo_batch
from tests.support import factories
from tests.support.desk_clients import make_member
from tests.support.hand_overs import act, grow_older
from tests.support.name_lists import content_of, order_list, recipient_of, recorded_exports
from tests.support.page_reading import read, words
from tests.support.rules import path_of, work
from tests.support.two_people import ask_for_two, asked, client_of, page_path, press, somebody

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Unmistakable"


@pytest.fixture
def campaign(petition: Petition) -> Petition:
    """Return a petition with three signatures that asks for two people from the first one removed."""
    for number in range(3):
        factories.make_signature(petition, name=f"{NAME} {number}")
    grow_older(petition)
    return ask_for_two(petition, rows=0)


def ask_one(petition: Petition) -> None:
    """Let the petition ask for nobody any more, as the command does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('signatures.by_command', 'on', false)")
        cursor.execute("UPDATE signatures_petition SET four_eyes = false WHERE id = %s", [petition.pk])
        cursor.execute("SELECT set_config('signatures.by_command', '', false)")


def counted(petition: Petition, actor: Organiser, **conditions: Any) -> Batch:
    """Return a rule that was counted."""
    return make_batch(rule=Batch(petition=petition, **conditions), actor=actor)


def all_removed(petition: Petition) -> None:
    """Remove all signatures."""
    petition.signatures.update(state=SignatureState.REMOVED, state_reason=StateReason.INVENTED)


def test_what_was_agreed_to_is_done_once_where_nobody_is_asked_any_more(campaign: Petition) -> None:
    (_, client), (_, other) = somebody("Organisers"), somebody("Organisers")
    approval = asked(order_list(client, recipient_of(campaign, "Parliament")))
    press(other, approval, "agree")
    ask_one(campaign)
    assert content_of(press(client, approval, "carry_out"))
    approval.refresh_from_db()
    assert approval.used_at is not None
    assert recorded_exports()[0].details["approval"] == approval.pk
    press(client, approval, "carry_out")
    assert sum(entry.action == "EXPORT_STARTED" for entry in recorded_exports()) == 1


def test_an_agreement_is_used_up_by_the_same_act_done_elsewhere(campaign: Petition) -> None:
    (one, client), (_, other) = somebody(""), somebody("")
    rule = counted(campaign, one)
    client.post(path_of(rule), {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    approval = Approval.objects.get()
    press(other, approval, "agree")
    ask_one(campaign)
    client.post(path_of(rule), {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    approval.refresh_from_db()
    assert approval.used_at is not None


@pytest.mark.parametrize("has_another_role", [True, False])
def test_what_was_agreed_to_is_not_done_without_the_right(campaign: Petition, has_another_role: bool) -> None:
    one, (_, other) = make_member("Organisers", campaign), somebody("Organisers")
    client = client_of(one)
    approval = asked(order_list(client, recipient_of(campaign, "Parliament")))
    press(other, approval, "agree")
    ask_one(campaign)
    Membership.objects.filter(organiser=one).delete()
    if has_another_role:
        Membership.objects.create(organiser=one, petition=campaign, role=factories.role_of("Editors"))
        assert "Carry it out" not in words(read(client, page_path(approval)))
    assert press(client, approval, "carry_out").status_code == (403 if has_another_role else 404)
    assert not recorded_exports()


def test_words_of_names_in_a_rule_are_for_those_who_may_decide(campaign: Petition) -> None:
    one, (_, other) = make_member("Moderators", campaign), somebody("Moderators")
    client = client_of(one)
    rule = counted(campaign, one, name=NAME)
    client.post(path_of(rule), {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    approval = Approval.objects.get()
    assert NAME in words(read(other, page_path(approval)))
    page = words(read(somebody("Auditors")[1], page_path(approval)))
    assert "3 signatures are removed" in page
    assert NAME not in page
    Membership.objects.filter(organiser=one).update(role=factories.role_of("Editors"))
    assert NAME not in words(read(client, page_path(approval)))
    Membership.objects.filter(organiser=one).delete()
    assert client.get(page_path(approval)).status_code == 404


def test_a_rule_is_as_large_as_what_matched_whatever_counted_then(campaign: Petition) -> None:
    one, client = somebody("")
    all_removed(campaign)
    rule = counted(campaign, one)
    campaign.signatures.update(state=SignatureState.CONFIRMED, state_reason=None)
    client.post(path_of(rule), {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    work()
    assert not Signature.objects.filter(state=SignatureState.REMOVED).exists()
    assert Approval.objects.get().amount == 3


def test_removals_by_undoing_are_added_up(campaign: Petition) -> None:
    one, _ = somebody("")
    ask_one(campaign)
    ask_for_two(campaign, rows=3)
    all_removed(campaign)
    rule = counted(campaign, one, state=SignatureState.REMOVED)
    start_batch(pk=rule.pk, action=BatchAction.COUNT, reason=None, actor=one)
    work()
    assert removed_alone(campaign.pk, one) == 0
    undo_batch(pk=rule.pk, actor=one)
    assert removed_alone(campaign.pk, one) == 3


def test_no_agreement_is_locked_while_the_list_is_read_and_none_is_read_in_vain(
    campaign: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = factories.make_delivery(campaign)
    (_, client), (_, other) = somebody("Organisers"), somebody("Organisers")
    opened: list[bool] = []

    class Watched(Snapshot):
        def __init__(self) -> None:
            opened.append(connection.in_atomic_block)
            super().__init__()

    monkeypatch.setattr(downloads, "Snapshot", Watched)
    approval = asked(act(client, delivery, "file", name="signatures.csv"))
    assert opened == []
    press(other, approval, "agree")
    assert content_of(press(client, approval, "carry_out"))
    assert opened == [False]
    approval.refresh_from_db()
    assert approval.used_at is not None
