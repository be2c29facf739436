"""The tally: which rows each deed writes, and that the count, its parts and the signatures agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from signatures.counting.folding import fold_tallies
from signatures.counting.reconciling import compare_tally
from signatures.models import HourTally, Petition, Signature, Tally
from signatures.models.choices import SignatureState, StateReason, Visibility
from signatures.moderating.deciding import move_signature
from signatures.signing.actions import expire_attempts
from signatures.signing.forms import HONEYPOT
from signatures.signing.my_signature import lower_visibility, withdraw_signature
from tests.support import factories
from tests.support.database import let_attempts_grow_old, query
from tests.support.mailbox import Mailbox, code_in
from tests.support.tally_reading import (
    ADDRESS,
    counted,
    sign_and_confirm,
    subject_of,
    tally_rows,
    that_count,
    written_since,
)


def amounts(rows: Sequence[tuple[Any, ...]]) -> set[int]:
    """Return the amounts that stand in rows of the tally."""
    return {row[-1] for row in rows}


def test_an_attempt_is_submitted(petition: Petition) -> None:
    factories.sign(Client(), petition, "ru", visibility="PUBLIC", country="PL")
    assert written_since(Counter()) == [("SUBMITTED", "", "WEB", "PL", "ru", "PUBLIC", 1)]
    assert list(HourTally.objects.values_list("petition", "kind", "amount")) == [(petition.pk, "SUBMITTED", 1)]
    today, hour = query("SELECT (now() AT TIME ZONE 'UTC')::date, date_trunc('hour', now(), 'UTC')")[0]
    assert Tally.objects.get().day == today
    assert HourTally.objects.get().hour == hour


def test_attempts_that_die_are_expired_by_petition_and_dimension(petition: Petition) -> None:
    other = factories.make_petition()
    client = Client()
    for one, visibility in ((petition, "PUBLIC"), (petition, "PUBLIC"), (petition, "COUNTED"), (other, "PUBLIC")):
        factories.sign(client, one, visibility=visibility)
    let_attempts_grow_old(timedelta(days=8))
    before = tally_rows()
    assert expire_attempts() == 4
    assert written_since(before) == [
        ("EXPIRED", "", "WEB", "BY", "en", "COUNTED", 1),
        ("EXPIRED", "", "WEB", "BY", "en", "PUBLIC", 1),
        ("EXPIRED", "", "WEB", "BY", "en", "PUBLIC", 2),
    ]
    assert Tally.objects.get(petition=other, kind="EXPIRED").amount == 1
    assert expire_attempts() == 0


def test_an_attempt_that_was_confirmed_does_not_expire_too(petition: Petition, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox)
    let_attempts_grow_old(timedelta(days=8))
    assert expire_attempts() == 0
    assert not Tally.objects.filter(kind="EXPIRED").exists()


def test_the_first_confirmation_is_confirmed_with_what_was_confirmed(petition: Petition, mailbox: Mailbox) -> None:
    rows = that_count(sign_and_confirm(petition, mailbox, visibility="PUBLIC", country="UA"))
    assert rows == [("CONFIRMED", "", "WEB", "UA", "en", "PUBLIC", 1)]
    hours = HourTally.objects.exclude(amount=0).order_by("id").values_list("kind", "amount")
    assert list(hours) == [("SUBMITTED", 1), ("CONFIRMED", 1)]


def test_a_second_confirmation_is_a_change_from_one_to_the_other(petition: Petition, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox, visibility="PUBLIC", country="UA")
    rows = that_count(sign_and_confirm(petition, mailbox, visibility="COUNTED", country="LT"))
    assert rows == [
        ("CHANGED_FROM", "", "WEB", "UA", "en", "PUBLIC", 1),
        ("CHANGED_TO", "", "WEB", "LT", "en", "COUNTED", 1),
    ]
    assert counted(petition) == "1"
    assert compare_tally(petition) == {}


def test_a_confirmation_of_the_same_is_a_change_too(petition: Petition, mailbox: Mailbox) -> None:
    """Or the numbers of the day would tell that an address had signed before with other data."""
    sign_and_confirm(petition, mailbox, visibility="PUBLIC")
    rows = that_count(sign_and_confirm(petition, mailbox, visibility="PUBLIC"))
    assert [row[0] for row in rows] == ["CHANGED_FROM", "CHANGED_TO"]


def test_a_signature_that_is_held_from_the_start_is_not_counted(petition: Petition, mailbox: Mailbox) -> None:
    assert amounts(sign_and_confirm(petition, mailbox, **{HONEYPOT: "penguin"})) == {0}
    assert Signature.objects.get().state == SignatureState.HELD
    assert amounts(sign_and_confirm(petition, mailbox, visibility="COUNTED", **{HONEYPOT: "penguin"})) == {0}
    assert Signature.objects.get().visibility == Visibility.COUNTED
    assert counted(petition) == "0"
    fold_tallies()
    assert {row[0] for row in tally_rows()} == {"SUBMITTED"}
    assert set(HourTally.objects.values_list("kind", flat=True)) == {"SUBMITTED"}


@pytest.mark.parametrize(("was_counted", "kind"), [(False, "CONFIRMED"), (True, "RESTORED")])
def test_what_only_a_trap_had_held_enters_the_count_with_a_proper_confirmation(
    petition: Petition, mailbox: Mailbox, *, was_counted: bool, kind: str
) -> None:
    held = factories.make_signature(
        petition,
        address=ADDRESS,
        visibility="PUBLIC",
        state=SignatureState.HELD,
        state_reason=StateReason.HONEYPOT,
        ever_counted=was_counted,
    )
    query("UPDATE signatures_signature SET first_confirmed_at = '2011-01-01', last_confirmed_at = '2011-01-01'")
    query("UPDATE signatures_signature SET current_since = '2011-01-01'")
    rows = that_count(sign_and_confirm(petition, mailbox, visibility="DELIVERED", country="UA"))
    assert rows == [(kind, "", "WEB", "UA", "en", "DELIVERED", 1)]
    freed = Signature.objects.get()
    assert (freed.pk, freed.state, freed.state_reason, freed.ever_counted) == (held.pk, "CONFIRMED", None, True)
    assert freed.current_since == freed.last_confirmed_at > freed.first_confirmed_at
    assert compare_tally(petition) == {}
    # Once it counts, a confirmation is a change like any other.
    rows = that_count(sign_and_confirm(petition, mailbox, visibility="PUBLIC"))
    assert [row[0] for row in rows] == ["CHANGED_FROM", "CHANGED_TO"]


@pytest.mark.parametrize("reason", [reason for reason in StateReason if reason != StateReason.HONEYPOT])
def test_what_an_organiser_has_held_stays_held_whoever_confirms(
    petition: Petition, mailbox: Mailbox, reason: StateReason
) -> None:
    factories.make_signature(petition, address=ADDRESS, state=SignatureState.HELD, state_reason=reason)
    assert amounts(sign_and_confirm(petition, mailbox, visibility="PUBLIC")) == {0}
    signature = Signature.objects.get()
    assert (signature.state, signature.state_reason, signature.ever_counted) == ("HELD", reason, False)


@pytest.mark.parametrize("is_held_before", [False, True])
def test_who_confirms_a_strangers_form_with_the_trap_filled_in_is_not_held_for_it(
    petition: Petition, visitor: Client, mailbox: Mailbox, is_held_before: bool
) -> None:
    if is_held_before:
        sign_and_confirm(petition, mailbox, **{HONEYPOT: "penguin"})
    factories.sign(visitor, petition, email=ADDRESS)
    factories.sign(visitor, petition, email=ADDRESS, **{HONEYPOT: "penguin"})
    proper, of_the_stranger = (code_in(mail) for mail in mailbox.deliver())
    assert factories.confirm(visitor, of_the_stranger).status_code == 303
    signature = Signature.objects.get()
    assert (signature.state, signature.state_reason, signature.ever_counted) == ("CONFIRMED", None, True)
    assert counted(petition) == "1"
    assert factories.confirm(visitor, proper).status_code == 404
    assert compare_tally(petition) == {}


def test_where_every_form_had_the_trap_filled_in_or_the_proper_one_had_run_out_it_is_held(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email=ADDRESS)
    let_attempts_grow_old(timedelta(days=7))
    for _ in range(2):
        factories.sign(visitor, petition, email=ADDRESS, **{HONEYPOT: "penguin"})
    code = code_in(mailbox.deliver()[-1])
    assert factories.confirm(visitor, code).status_code == 303
    signature = Signature.objects.get()
    assert (signature.state, signature.state_reason, signature.ever_counted) == ("HELD", "HONEYPOT", False)
    assert counted(petition) == "0"


def test_what_an_organiser_removed_after_a_trap_had_held_it_stays_removed(petition: Petition, mailbox: Mailbox) -> None:
    sign_and_confirm(petition, mailbox, **{HONEYPOT: "penguin"})
    move_signature(
        pk=Signature.objects.get().pk,
        to=SignatureState.REMOVED,
        reason=StateReason.INVENTED,
        actor=factories.make_organiser(),
    )
    assert amounts(sign_and_confirm(petition, mailbox, visibility="PUBLIC")) == {0}
    assert Signature.objects.get().state == SignatureState.REMOVED


def test_lowering_is_a_change_and_lowering_to_the_same_is_none(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", country="DE")
    before = tally_rows()
    lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED)
    rows = [
        ("CHANGED_FROM", "", "WEB", "DE", "en", "PUBLIC", 1),
        ("CHANGED_TO", "", "WEB", "DE", "en", "DELIVERED", 1),
    ]
    assert that_count(written_since(before)) == rows
    for to in (Visibility.DELIVERED, Visibility.PUBLIC):
        lower_visibility(subject=subject_of(petition), to=to)
    # They take as long to write as those of a change, and are gone with the next fold.
    assert amounts([row for row in written_since(before) if row not in rows]) == {0}
    fold_tallies()
    assert sorted(row for row in tally_rows() if row[0] != "CONFIRMED") == rows


@pytest.mark.parametrize("state", [SignatureState.HELD, SignatureState.REMOVED])
def test_what_does_not_count_is_changed_and_withdrawn_without_a_number(
    petition: Petition, mailbox: Mailbox, state: SignatureState
) -> None:
    factories.make_signature(
        petition, address=ADDRESS, visibility="PUBLIC", state=state, state_reason=StateReason.ABUSIVE
    )
    lower_visibility(subject=subject_of(petition), to=Visibility.DELIVERED)
    # They take as long to write as those of a signature that counts, and are gone with the next fold.
    assert amounts(sign_and_confirm(petition, mailbox, visibility="PUBLIC")) == {0}
    withdraw_signature(subject=subject_of(petition))
    fold_tallies()
    assert {row[0] for row in tally_rows()} == {"SUBMITTED"}
    assert not Signature.objects.exists()


def test_withdrawing_is_withdrawn_with_what_stood_there(petition: Petition) -> None:
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", country="DE", language="ru")
    before = tally_rows()
    withdraw_signature(subject=subject_of(petition))
    assert that_count(written_since(before)) == [("WITHDRAWN", "", "WEB", "DE", "ru", "PUBLIC", 1)]
    withdraw_signature(subject=subject_of(petition))
    assert sorted(row[-1] for row in written_since(before)) == [0, 0, 0, 1]
    fold_tallies()
    assert len(written_since(before)) == 1
    assert counted(petition) == "0"


def test_the_three_instants_say_what_they_promise(petition: Petition, mailbox: Mailbox) -> None:
    signature = factories.make_signature(petition, address=ADDRESS)
    query(
        "UPDATE signatures_signature SET first_confirmed_at = '2011-01-01T23:30Z',"
        " last_confirmed_at = '2011-01-01T23:30Z', current_since = '2011-01-02T00:30Z'"
    )
    signature.refresh_from_db()
    assert str(signature.signed_on) == "2011-01-01"
    sign_and_confirm(petition, mailbox)
    again = Signature.objects.get()
    assert again.first_confirmed_at == signature.first_confirmed_at
    assert again.last_confirmed_at == again.current_since > signature.current_since
    assert again.signed_on == query("SELECT (now() AT TIME ZONE 'UTC')::date")[0][0]
