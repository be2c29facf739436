"""Real threads on a real PostgreSQL: what two people decide at once is decided once, and used once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from signatures.approving.actions import agree, ask_second_person, refuse, take_back
from signatures.approving.gate import NeedsApprovalError
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_export
from signatures.models import Approval, AuditEntry, Delivery, Organiser, Petition, Recipient
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import at_once
from tests.support.name_lists import recipient_of
from tests.support.two_people import ask_for_two

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
LAYOUT = Layout("en", ",")


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return a recipient of a petition that asks for two people."""
    factories.make_signature(petition)
    return recipient_of(ask_for_two(petition), "Parliament")


def export(parliament: Recipient, actor: Organiser) -> bool:
    """Export the list, and return whether it came."""
    try:
        return len(list(start_export(recipient=parliament, layout=LAYOUT, reason="Work", actor=actor))) > 0
    except NeedsApprovalError:
        return False


def ask(parliament: Recipient, actor: Organiser) -> Approval:
    """Ask for the list."""
    with pytest.raises(NeedsApprovalError) as raised:
        list(start_export(recipient=parliament, layout=LAYOUT, reason="Work", actor=actor))
    return ask_second_person(act=raised.value.act, actor=actor)


def tried(job: Callable[[], object]) -> Callable[[], bool]:
    """Return a job that returns whether it was done."""

    def run() -> bool:
        with contextlib.suppress(ValidationError):
            job()
            return True
        return False

    return run


def amount(action: AuditAction) -> int:
    """Return how many entries the audit log has of an action."""
    return AuditEntry.objects.filter(action=action).count()


def test_an_agreement_is_used_once_by_however_many_tabs(parliament: Recipient) -> None:
    one, other = factories.make_organiser(), factories.make_organiser()
    for number in range(ROUNDS):
        approval = ask(parliament, one)
        agree(pk=approval.pk, digest=approval.digest, actor=other)
        came = at_once(*[lambda: export(parliament, one)] * 4)
        assert sum(came) == 1
        assert Delivery.objects.count() == amount(AuditAction.EXPORT_STARTED) == number + 1


def test_the_same_is_asked_once_by_however_many_tabs(parliament: Recipient) -> None:
    one = factories.make_organiser()
    assert len({approval.pk for approval in at_once(*[lambda: ask(parliament, one)] * 4)}) == 1
    assert amount(AuditAction.APPROVAL_ASKED) == 1


def test_several_who_decide_at_once_decide_once(parliament: Recipient) -> None:
    one, others = factories.make_organiser(), [factories.make_organiser() for _ in range(2)]
    for number in range(ROUNDS):
        approval = ask(parliament, one)
        pk, digest = approval.pk, approval.digest
        done = at_once(
            tried(lambda: agree(pk=pk, digest=digest, actor=others[0])),  # noqa: B023 - run at once
            tried(lambda: refuse(pk=pk, reason="No", actor=others[1])),  # noqa: B023
            tried(lambda: agree(pk=pk, digest=digest, actor=others[1])),  # noqa: B023
        )
        assert sum(done) == 1
        assert amount(AuditAction.APPROVAL_GIVEN) + amount(AuditAction.APPROVAL_REFUSED) == number + 1
        approval.refresh_from_db()
        assert approval.agreed is not done[1]
        if approval.agreed:
            assert export(parliament, one)
            Delivery.objects.get().packings.get()
            break


def test_taking_back_while_somebody_agrees_and_while_it_is_carried_out(parliament: Recipient) -> None:
    one, other = factories.make_organiser(), factories.make_organiser()
    for _ in range(ROUNDS):
        approval = ask(parliament, one)
        pk, digest = approval.pk, approval.digest
        agreed, back = at_once(
            tried(lambda: agree(pk=pk, digest=digest, actor=other)),  # noqa: B023 - run at once
            tried(lambda: take_back(pk=pk, actor=one)),  # noqa: B023
        )
        assert back, "an agreement that was not used can be taken back, too"
        approval.refresh_from_db()
        assert (approval.agreed is True) is agreed
        assert not export(parliament, one)
    for _ in range(ROUNDS):
        approval = ask(parliament, one)
        pk = approval.pk
        agree(pk=pk, digest=approval.digest, actor=other)
        came, back = at_once(lambda: export(parliament, one), tried(lambda: take_back(pk=pk, actor=one)))  # noqa: B023
        assert came is not back
