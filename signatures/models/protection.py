"""Protection: how a petition protects signers who can be punished, as a table with one row for each level."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Protection(models.TextChoices):
    """How well a petition protects its signers, from the lowest level to the highest."""

    ORDINARY = "ORDINARY", _("Ordinary: nobody is punished for signing")
    GUARDED = "GUARDED", _("Guarded: signers can be punished")

    @property
    def rules(self) -> ProtectionRules:
        """Return the rules of this level."""
        return RULES[self]

    def is_below(self, other: Protection) -> bool:
        """Return whether this level protects less than another."""
        levels = list(type(self))
        return levels.index(self) < levels.index(other)


@dataclass(frozen=True)
class ProtectionRules:
    """What a level of protection decides; all code uses these rules instead of comparing levels.

    :param mails_name_petition: whether mails name petition and organiser
    :param mails_offer_one_click: whether mails have one-click unsubscribe; providers keep lists of senders that offer
        it, which remain when the mail is deleted
    :param count_is_live: whether the published count is live, rather than changing in releases
    :param names_wait_for_release: whether public names appear with the release that counts them, rather than at once
    :param forms_are_told: whether the ledger shows how many forms were sent and expired; one person can send ten
    :param asks_for_notices: whether a new petition starts with safety notices, and lacking one is remarked on
    :param looks_at_names: whether, in a new petition, names wait until an organiser has looked at them
    :param shares_on_page: whether the petition's page offers sharing, rather than only the thanks page
    :param offers_news_by_mail: whether it may store addresses of people who want its news by mail
    :param told_to_signers: one sentence on what it means for them
    """

    mails_name_petition: bool
    mails_offer_one_click: bool
    count_is_live: bool
    names_wait_for_release: bool
    forms_are_told: bool
    asks_for_notices: bool
    looks_at_names: bool
    shares_on_page: bool
    offers_news_by_mail: bool
    told_to_signers: Promise


RULES: dict[Protection, ProtectionRules] = {
    Protection.ORDINARY: ProtectionRules(
        mails_name_petition=True,
        mails_offer_one_click=True,
        count_is_live=True,
        names_wait_for_release=False,
        forms_are_told=True,
        asks_for_notices=False,
        looks_at_names=False,
        shares_on_page=True,
        offers_news_by_mail=True,
        told_to_signers=_(
            "The number is at most a few seconds old, and our mails name the petition and those who run it."
        ),
    ),
    Protection.GUARDED: ProtectionRules(
        mails_name_petition=False,
        mails_offer_one_click=False,
        count_is_live=False,
        names_wait_for_release=True,
        forms_are_told=False,
        asks_for_notices=True,
        looks_at_names=True,
        shares_on_page=False,
        offers_news_by_mail=False,
        told_to_signers=_(
            "So as not to give signers away, the number moves by ten or more at a time, and our mails name neither you"
            " nor the petition."
        ),
    ),
}
