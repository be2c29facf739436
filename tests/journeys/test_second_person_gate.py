"""No address of the desk lets one person alone take names out, erase or remove where two are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from signatures.admin.decision_pages import UNDO_SALT
from signatures.models import Approval, Batch, Delivery, Petition, Signature
from signatures.models.choices import ApprovalKind, BatchAction, SignatureState, StateReason
from signatures.moderating.batch_steps import make_step
from signatures.moderating.batches import make_batch, start_batch
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.desk import change_path, save, shown_form
from tests.support.hand_overs import checklist, grow_older
from tests.support.name_lists import recipient_of
from tests.support.page_reading import field_value
from tests.support.two_people import ask_for_two, press, somebody

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Quite Unmistakable"
# What the buttons of a page say that has several; everywhere the form says what any of them asks for.
BUTTONS = {
    "/delivery/[0-9]+/change/": [{"action": word} for word in ("package", "file", "handed_over", "answered")],
    "/decide/": [{"action": word} for word in ("REMOVED", "UNDO", "ERASE")],
    "/rules/[0-9]+/": [{"do": word, "action": "REMOVE"} for word in ("start", "undo")],
    "/hand-over/": [{"preview": "1"}, {"prepare": "1"}],
    "/approvals/[0-9]+/": [{"do": word} for word in ("agree", "carry_out")],
    "/signature/$": [{"action": "decide_on_selected", "select_across": across} for across in "01"],
}


class Campaign:
    """A petition that asks for two people, with all that one person could lay hands on."""

    def __init__(self, rows: int = 0) -> None:
        """Store three signatures that count and three that were removed and then restored by a rule."""
        self.petition = factories.make_petition()
        self.shown = [factories.make_signature(self.petition, name=f"{NAME} {number}") for number in range(3)]
        gone = {"state": SignatureState.REMOVED, "state_reason": StateReason.INVENTED}
        self.restored = [factories.make_signature(self.petition, name=NAME, **gone) for _ in range(3)]
        grow_older(self.petition)
        for one in self.shown:
            one.refresh_from_db()
        self.parliament = recipient_of(self.petition, "Parliament")
        self.delivery = factories.make_delivery(self.petition)
        admin = factories.make_organiser()
        rule = Batch(petition=self.petition, state=SignatureState.REMOVED)
        self.done = start_batch(
            pk=make_batch(rule=rule, actor=admin).pk, action=BatchAction.COUNT, reason=None, actor=admin
        )
        work()
        Petition.objects.filter(pk=self.petition.pk).update(status="CLOSED")
        ask_for_two(self.petition, rows=rows)
        self.ready = make_batch(rule=Batch(petition=self.petition), actor=admin)

    def form(self, signature: Signature) -> dict[str, Any]:
        """Return the fields of every form of the desk, filled in."""
        back = [signature.pk, SignatureState.CONFIRMED, SignatureState.REMOVED, StateReason.INVENTED]
        return {
            **checklist(self.parliament),
            "typed": self.petition.slug,
            "name": "signatures.csv",
            "password": "",
            "action": "REMOVE",
            "reason": "INVENTED",
            "is_certain": "on",
            "last_confirmed_at": signature.last_confirmed_at.isoformat(),
            "visibility": signature.visibility,
            "state_reason": "INVENTED",
            "undo": signing.dumps(back, salt=UNDO_SALT),
            "_selected_action": [str(one.pk) for one in self.shown],
            "handed_over_on": datetime.now(UTC).date().isoformat(),
            "handed_over_how": "POST",
            "number": "1",
        }

    def paths(self) -> Iterator[str]:
        """Yield every address of the desk."""
        for route in all_routes():
            if route.is_admin and "logout" not in route.pattern and "password" not in route.pattern:
                rows = {"signature": self.shown[0].pk, "delivery": self.delivery.pk, "petition": self.petition.pk}
                of = next((pk for name, pk in rows.items() if f"/signatures/{name}/" in route.pattern), 1)
                for number in (self.ready.pk, self.done.pk):
                    values = {"pk": of, "object_id": of, "id": of, "number": number, "language": "en", "url": "x"}
                    values |= {"app_label": "signatures", "content_type_id": 1}
                    values |= {"page": "fakes", "size": "wide", "kind": "app", "token": "never-made"}
                    values |= {"name": "poster-a4.pdf"}
                    yield route.pattern.format(**values)


def work() -> None:
    """Let the worker carry out all rules."""
    while make_step():
        pass


@pytest.fixture
def campaign(db: None) -> Campaign:
    """Return the campaign."""
    return Campaign()


def send(client: Client, path: str, form: dict[str, Any]) -> bytes:
    """Send a form, with the numbers as they were seen, and return what comes as a file."""
    if "prepare" in form:
        form = {**form, "seen": field_value(save(client, path, {**form, "preview": "1"}), "seen") or ""}
    answer = client.post(path, form)
    body: bytes = answer.getvalue()
    return body if "attachment" in answer.headers.get("Content-Disposition", "") else b""


def test_every_address_waits_for_a_second_person(campaign: Campaign) -> None:
    _, client = somebody("")
    before = sorted(Signature.objects.values_list("pk", "state"))
    setting = change_path(campaign.petition)
    form = shown_form(client, setting)
    assert form.pop("four_eyes")
    assert client.post(setting, form).status_code == 302
    paths = list(dict.fromkeys(campaign.paths()))
    assert len(paths) > 60
    for path in paths:
        for button in next((words for there, words in BUTTONS.items() if re.search(there, path)), [{}]):
            form = campaign.form(campaign.shown[0]) | button
            if "/erase/" in path:
                form["reason"] = "MAILBOX_LOST"
            assert NAME.encode() not in send(client, path, form), path
    work()
    assert sorted(Signature.objects.values_list("pk", "state")) == before
    assert Delivery.objects.count() == 1
    campaign.petition.refresh_from_db()
    assert campaign.petition.purged_at is None
    assert campaign.petition.four_eyes
    waiting = set(Approval.objects.values_list("kind", flat=True))
    assert waiting == {kind.value for kind in ApprovalKind}, "each was asked for"
    assert not Approval.objects.exclude(agreed=None).exists()


def test_small_rules_and_single_removals_are_added_up(db: None) -> None:
    campaign = Campaign(rows=2)
    (_, client), (_, other) = somebody(""), somebody("")
    for number, signature in enumerate(campaign.shown):
        path = f"/admin/signatures/signature/{signature.pk}/decide/"
        client.post(path, {"action": "REMOVED", "state_reason": "INVENTED"})
        assert Signature.objects.filter(state="REMOVED").count() == min(number + 1, 2)
    last = campaign.shown[-1]
    rule = make_batch(rule=Batch(petition=campaign.petition, signature_ids=[last.pk]), actor=factories.make_organiser())
    path = f"/admin/signatures/petition/{campaign.petition.pk}/rules/{rule.pk}/"
    client.post(path, {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    approval = Approval.objects.get()
    press(other, approval, "agree")
    press(client, approval, "carry_out")
    work()
    assert Signature.objects.filter(state="REMOVED").count() == 3


def test_a_rule_keeps_to_the_signatures_that_it_was_counted_with(campaign: Campaign) -> None:
    (one, client), (_, other) = somebody(""), somebody("")
    held = campaign.shown[0]
    Signature.objects.filter(pk=held.pk).update(state="HELD", state_reason="SUSPICIOUS")
    rule = make_batch(rule=Batch(petition=campaign.petition, state=SignatureState.HELD), actor=one)
    path = f"/admin/signatures/petition/{campaign.petition.pk}/rules/{rule.pk}/"
    client.post(path, {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    press(other, Approval.objects.get(), "agree")
    # Now all the others are held, too: nobody has agreed to those.
    Signature.objects.exclude(pk=held.pk).update(state="HELD", state_reason="SUSPICIOUS")
    press(client, Approval.objects.get(), "carry_out")
    work()
    assert list(Signature.objects.filter(state="REMOVED")) == [held]


def test_a_rule_that_waits_is_not_forgotten_and_one_that_was_refused_is(campaign: Campaign) -> None:
    (_, client), (_, other) = somebody(""), somebody("")
    path = f"/admin/signatures/petition/{campaign.petition.pk}/rules/{campaign.ready.pk}/"
    client.post(path, {"do": "start", "action": "REMOVE", "reason": "INVENTED"})
    Batch.objects.filter(pk=campaign.ready.pk).update(made_at=datetime.now(UTC) - timedelta(days=2))
    assert not Batch.objects.all().forgotten().exists()
    press(other, Approval.objects.get(), "refuse", reason="No")
    assert list(Batch.objects.all().forgotten()) == [campaign.ready]
