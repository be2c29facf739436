"""What organisers have taken away since a backup is taken away again, and those of them who left stay out."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.contrib.postgres.functions import TransactionNow
from django_otp_webauthn.models import WebAuthnCredential

from signatures.mailing.alert_wishes import end_alerts
from signatures.models import (
    AlertWish,
    Approval,
    AuditEntry,
    Batch,
    Delivery,
    LeadPetitioner,
    Membership,
    Organiser,
    Petition,
    Picture,
    Recipient,
    RecoveryCode,
    Session,
    Signature,
    TotpDevice,
    Update,
)
from signatures.models.choices import AuditAction, BatchStage, PetitionStatus, Profile
from signatures.models.switch import Switch, SwitchName
from signatures.moderating.batches import make_batch
from signatures.moderating.purging import purge_petition
from signatures.publishing.header_pictures import remove_picture
from signatures.safeguarding.accounts import close_account, take_role
from signatures.safeguarding.second_factors import make_recovery_codes, remove_all_factors
from signatures.safeguarding.switches import turn_off, turn_on
from signatures.texts.drafts import delete_draft
from tests.support import factories
from tests.support.alerts import make_wish
from tests.support.photographs import give_picture
from tests.support.restores import Restore

pytestmark = pytest.mark.django_db


def test_where_nothing_was_taken_away_nothing_changes(petition: Petition, restore: Restore) -> None:
    factories.make_signature(petition, visibility="PUBLIC")
    give_picture(petition)
    LeadPetitioner.objects.create(petition=petition, name="Jana")
    # Removed and added again before the backup.
    remove_picture(petition=petition, actor=factories.make_organiser())
    give_picture(petition)
    assert restore(lambda: None).total == 0
    assert Picture.objects.count() == LeadPetitioner.objects.count() == Signature.objects.count() == 1
    (entry,) = AuditEntry.objects.filter(action=AuditAction.BACKUP_RESTORED, amount=0)[:1]
    assert entry.reason == "a test"


def test_a_petition_that_was_erased_is_erased_again_with_all_that_goes_with_it(
    petition: Petition, restore: Restore
) -> None:
    for _ in range(3):
        factories.make_signature(petition, visibility="PUBLIC")
    LeadPetitioner.objects.create(petition=petition, name="Jana")

    def purge() -> None:
        Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
        purge_petition(petition=petition, reason="over", actor=None)

    restore(purge)
    petition.refresh_from_db()
    assert petition.status == PetitionStatus.CLOSED
    assert petition.purged_at is not None
    assert Signature.objects.count() == LeadPetitioner.objects.count() == 0


def test_a_petition_is_as_closed_and_as_strict_as_it_was(petition: Petition, restore: Restore) -> None:
    stricter = {
        "status": PetitionStatus.CLOSED,
        "archived_at": TransactionNow(),
        "reviews_names": True,
        "four_eyes": True,
        "four_eyes_from": 5,
        "erase_on": date(2031, 1, 1),
    }
    restore(lambda: Petition.objects.filter(pk=petition.pk).update(**stricter))
    petition.refresh_from_db()
    assert (petition.status, petition.archived_at is not None) == (PetitionStatus.CLOSED, True)
    assert (petition.reviews_names, petition.four_eyes, petition.four_eyes_from) == (True, True, 5)
    assert petition.erase_on == date(2031, 1, 1)


def test_a_draft_that_was_deleted_is_deleted(db: None, restore: Restore) -> None:
    draft = factories.make_petition(publish=False)
    restore(lambda: delete_draft(petition=draft, actor=None))
    assert not Petition.objects.exists()


def test_a_recipient_that_gets_numbers_gets_no_names_again(petition: Petition, restore: Restore) -> None:
    parliament = Recipient.objects.get(petition=petition, name_en="Parliament")
    restore(lambda: Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS))
    parliament.refresh_from_db()
    assert parliament.profile == Profile.TOTALS


def test_news_that_was_taken_back_or_changed_is_a_draft_and_deleted_news_is_gone(
    petition: Petition, restore: Restore
) -> None:
    words = {"title_en": "News", "title_ru": "Новости", "body_en": "He is Ales.", "body_ru": "Это Алесь."}
    back, changed, deleted, kept = (
        Update.objects.create(petition=petition, published_at=TransactionNow(), **words) for _ in range(4)
    )

    def act() -> None:
        Update.objects.filter(pk=back.pk).update(published_at=None)
        Update.objects.filter(pk=changed.pk).update(body_ru="Это он.")
        deleted.delete()

    restore(act)
    there = dict(Update.objects.values_list("pk", "published_at"))
    assert {pk: at is not None for pk, at in there.items()} == {back.pk: False, changed.pk: False, kept.pk: True}


def test_pictures_petitioners_and_deliveries_that_went_do_not_come_back(petition: Petition, restore: Restore) -> None:
    give_picture(petition)
    LeadPetitioner.objects.create(petition=petition, name="Jana Nowak")
    delivery = factories.make_delivery(petition)

    def act() -> None:
        Picture.objects.filter(petition=petition).update(alt_en="Somebody else")
        LeadPetitioner.objects.filter(petition=petition).update(name="Jan Nowak")
        Delivery.objects.filter(pk=delivery.pk).delete()

    restore(act)
    assert Picture.objects.count() == LeadPetitioner.objects.count() == Delivery.objects.count() == 0


def test_who_was_shut_out_stays_out(petition: Petition, restore: Restore) -> None:
    boss = factories.make_organiser()
    anna, jan = factories.make_organiser("Organisers"), factories.make_organiser("Editors")
    Membership.objects.create(organiser=jan, petition=petition, role=Group.objects.get(name="Organisers"))

    def act() -> None:
        close_account(account=anna, reason="left", actor=boss)
        take_role(account=jan, petition=petition, actor=boss)
        jan.groups.clear()

    restore(act)
    anna.refresh_from_db()
    assert not anna.is_active
    assert not Membership.objects.exists()
    assert not jan.groups.exists()
    boss.refresh_from_db()
    assert boss.has_usable_password()


def test_an_old_password_and_an_old_phone_let_nobody_in(db: None, restore: Restore) -> None:
    changed, lost, added, quiet = (factories.make_organiser() for _ in range(4))
    device = TotpDevice.objects.create(user=lost, name="phone", secret=b"x", confirmed=True)
    make_recovery_codes(actor=lost)
    Session.objects.create(
        key_hash=b"k" * 32, data="", organiser=quiet, browser="", system="", created_at=TransactionNow()
    )

    def act() -> None:
        changed.set_password("another long password of the tests")
        changed.save()
        remove_all_factors(actor=None, account=lost, reason="stolen")
        TotpDevice.objects.create(user=added, name="phone", secret=b"y", confirmed=True)

    restore(act)
    usable = {one.pk: one.has_usable_password() for one in Organiser.objects.all()}
    assert usable == {changed.pk: False, lost.pk: False, added.pk: False, quiet.pk: True}
    assert not TotpDevice.objects.filter(pk=device.pk).exists()
    assert not RecoveryCode.objects.exists()
    assert not WebAuthnCredential.objects.exists()
    assert not Session.objects.exists()


def test_alerts_that_were_ended_stay_ended_and_what_was_under_way_ends(petition: Petition, restore: Restore) -> None:
    wish = make_wish()
    batch = make_batch(rule=Batch(petition=petition), actor=factories.make_organiser())
    Approval.objects.create(
        petition=petition, kind="ERASE_ALL", what="{}", asked_by=factories.make_organiser(), digest=DIGEST
    )
    assert batch.stage in (BatchStage.READY, BatchStage.COUNTING)
    restore(lambda: end_alerts(actor=wish.organiser))
    assert AlertWish.objects.count() == Batch.objects.count() == 0
    assert Approval.objects.get().taken_back_at is not None


# SHA-256 of two braces, as a constraint asks for.
DIGEST = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_names_that_were_hidden_in_an_emergency_stay_hidden_and_what_was_turned_off_stays_off(
    db: None, restore: Restore
) -> None:
    turn_on(name=SwitchName.READ_ONLY, reason="before", actor=None)

    def turn() -> None:
        turn_on(name=SwitchName.HIDE_NAMES, reason="leaked", actor=None)
        turn_on(name=SwitchName.CLOSED, reason="for an hour", actor=None)
        turn_off(name=SwitchName.CLOSED, reason="over", actor=None)
        turn_off(name=SwitchName.READ_ONLY, reason="over", actor=None)

    assert restore(turn).amounts["switches turned"] == 2
    assert Switch.objects.names_on() == {SwitchName.HIDE_NAMES}
