"""Who wants the news of a petition by mail: ask, confirm by a link, leave, and the addresses under the newest key."""

from __future__ import annotations

import uuid

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction

from signatures import tokens
from signatures.journaling import copy_own
from signatures.mailing.envelopes import Envelope
from signatures.models import NewsSubscriber, OutgoingMail, Petition
from signatures.models.choices import MailKind
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import encrypt
from signatures.safeguarding.news_keys import address_keys, decrypt_address, encrypt_address
from signatures.tokens import NewsWish


class NotOfferedError(Exception):
    """The news of a petition are not mailed, or not any more."""


def ask_for_news(*, petition: Petition, language: str, address: str, sender: str) -> None:
    """Queue a mail with a link that confirms the wish, whether or not the address gets the news; nothing looks it up.

    :param sender: the mark of the network that the request came from
    """
    OutgoingMail.objects.create(
        kind=MailKind.NEWS_CHECK,
        petition=petition,
        language=language,
        address_encrypted=Envelope(address, sender).seal(),
        secret_encrypted=encrypt(tokens.news_token(NewsWish(petition.pk, language, address))),
    )


def confirm_news(*, wish: NewsWish) -> None:
    """Let an address get the news from now on; does nothing if it gets them already, in whatever language.

    :raises NotOfferedError: if the petition does not mail its news
    """
    keys = address_keys(wish.petition_id, canonical_address(wish.address))
    row = NewsSubscriber(
        petition_id=wish.petition_id,
        address_encrypted=encrypt_address(wish.address),
        address_key=keys[0],
        language=wish.language,
    )
    try:
        with transaction.atomic():
            if not NewsSubscriber.objects.filter(petition=wish.petition_id, address_key__in=keys).exists():
                NewsSubscriber.objects.bulk_create([row], ignore_conflicts=True)
    except IntegrityError as error:
        # The trigger, which knows what the petition is at this moment.
        raise NotOfferedError from error


def leave_news(*, mark: uuid.UUID) -> None:
    """Send no more news to an address, not even what is queued; does nothing if it has left already.

    :param mark: of the subscriber, from the link in each mail
    """
    with transaction.atomic():
        subscriber = NewsSubscriber.objects.select_for_update().filter(mark=mark).first()
        if subscriber is not None:
            _forget(subscriber)
    copy_own()


def forget_refused(subscriber_id: int) -> None:
    """Forget an address that its mail server refuses for good, in the caller's transaction."""
    subscriber = NewsSubscriber.objects.select_for_update().filter(pk=subscriber_id).first()
    if subscriber is not None:
        _forget(subscriber)


def _forget(subscriber: NewsSubscriber) -> None:
    OutgoingMail.objects.filter(subscriber=subscriber).delete()
    subscriber.delete()


def renew_subscribers() -> None:
    """Encrypt and recognise all addresses under the newest key, so that an old one can be dropped.

    Those without a key stay as they are: it may be put back.
    """
    for pk in NewsSubscriber.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            subscriber = NewsSubscriber.objects.select_for_update().filter(pk=pk).first()
            if subscriber is not None:
                _renew(subscriber)


def _renew(subscriber: NewsSubscriber) -> None:
    try:
        address = decrypt_address(subscriber.address_encrypted)
    except InvalidToken:
        return
    newest = address_keys(subscriber.petition_id, canonical_address(address))[0]
    if bytes(subscriber.address_key) == newest:
        return
    if NewsSubscriber.objects.filter(petition=subscriber.petition_id, address_key=newest).exists():
        # It came in under the new key, by a process that did not know the old one.
        _forget(subscriber)
        return
    subscriber.address_key, subscriber.address_encrypted = newest, encrypt_address(address)
    subscriber.save(update_fields=["address_key", "address_encrypted"])
