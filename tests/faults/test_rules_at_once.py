"""Several workers, rules on the same signatures, and signers who change theirs meanwhile: the numbers stay exact."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import F
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.models import Batch, BatchRow, OutgoingMail, Petition, Signature
from signatures.models.choices import BatchAction, BatchStage, StateReason, Visibility
from signatures.moderating import batch_steps
from signatures.moderating.batch_steps import make_step
from signatures.moderating.batches import make_batch, start_batch, undo_batch
from signatures.safeguarding.encryption import decrypt
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from tests.support import factories
from tests.support.database import at_once
from tests.support.faults.direct_visitor import DirectClient
from tests.support.tally_reading import subject_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

PEOPLE = 60
EACH = PEOPLE // 4
VISITOR = DirectClient()


def addresses(first: int) -> list[str]:
    """Return the addresses of some of the signers."""
    return [f"{number}@botnet.example" for number in range(first, first + EACH)]


def work() -> None:
    """Work on the rules as a worker does, until all are over."""
    while Batch.objects.all().at_work().exists():
        make_step()


def withdraw(petition: Petition) -> None:
    """Let some withdraw."""
    for address in addresses(0):
        withdraw_signature(subject=subject_of(petition, address))


def lower(petition: Petition) -> None:
    """Let some hide their names."""
    for address in addresses(EACH):
        lower_visibility(subject=subject_of(petition, address), to=Visibility.COUNTED)


def confirm(codes: list[str]) -> None:
    """Let some confirm again, with other data, and some for the first time."""
    for code in codes:
        assert factories.confirm(VISITOR, code).status_code == 303


@pytest.mark.parametrize("second", [BatchAction.REMOVE, BatchAction.HOLD])
def test_rules_on_the_same_signatures_and_their_signers_get_on_with_one_another(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch, second: BatchAction
) -> None:
    settings.FORM_RATES = ["100000/m"]
    monkeypatch.setattr(batch_steps, "ROWS_MAX", 4)
    actor = factories.make_organiser()
    for number in range(PEOPLE):
        factories.make_signature(petition, address=f"{number}@botnet.example", visibility="PUBLIC")
    for address in [*addresses(2 * EACH), *(f"new-{number}@botnet.example" for number in range(EACH))]:
        assert factories.sign(VISITOR, petition, email=address, country="PL").status_code == 303
    codes = [decrypt(row.secret_encrypted) for row in OutgoingMail.objects.order_by("pk")]
    made = [make_batch(rule=Batch(petition=petition), actor=actor) for _ in range(2)]
    for batch, action in zip(made, (BatchAction.HOLD, second), strict=True):
        start_batch(pk=batch.pk, action=action, reason=StateReason.INVENTED, actor=actor)
    signers = [partial(withdraw, petition), partial(lower, petition), partial(confirm, codes)]
    at_once(work, work, work, *signers)
    assert compare_tally(petition) == {}
    assert petition.tallies.all().count_signatures() == EACH, "those who are new"
    assert Batch.objects.filter(stage=BatchStage.DONE).count() == 2
    for batch in Batch.objects.all():
        assert batch.rows.count() == batch.changed
    assert BatchRow.objects.filter(state_before="CONFIRMED").count() <= PEOPLE, "nobody is taken off the count twice"
    for batch in reversed(made):
        undo_batch(pk=batch.pk, actor=actor)
    at_once(work, work)
    assert compare_tally(petition) == {}
    assert Batch.objects.filter(stage=BatchStage.UNDONE, changed=F("restored") + F("left")).count() == 2
    assert not BatchRow.objects.exists()
    assert Signature.objects.exclude(state="CONFIRMED").filter(state_reason="SUSPICIOUS").count() == 0
