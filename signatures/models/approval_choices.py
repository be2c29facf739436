"""The enumerations of what waits for a second person."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApprovalKind(models.TextChoices):
    """What waits for a second person in a petition that asks for two."""

    EXPORT = "EXPORT", _("Make a list of names for the organisers’ own work")
    HAND_OVER = "HAND_OVER", _("Prepare a hand-over")
    FILES = "FILES", _("Download files of a hand-over")
    ERASE_ALL = "ERASE_ALL", _("Erase the personal data of all signers")
    ERASE_ONE = "ERASE_ONE", _("Erase one signature")
    REMOVE = "REMOVE", _("Remove the signatures of a rule")
    UNDO = "UNDO", _("Undo a rule, so that signatures are removed again")
    SETTING = "SETTING", _("Ask less often for a second person")

    @property
    def permission(self) -> str:
        """Return the codename of the permission that both persons need in the petition."""
        return PERMISSIONS_OF_KINDS[self]


PERMISSIONS_OF_KINDS = {
    ApprovalKind.EXPORT: "export_signatures",
    ApprovalKind.HAND_OVER: "hand_over_list",
    ApprovalKind.FILES: "hand_over_list",
    ApprovalKind.ERASE_ALL: "purge_petition",
    ApprovalKind.ERASE_ONE: "erase_signature",
    ApprovalKind.REMOVE: "moderate_signatures",
    ApprovalKind.UNDO: "moderate_signatures",
    ApprovalKind.SETTING: "publish_petition",
}


class ApprovalStage(models.TextChoices):
    """The stage of a request to a second person, by its row and the clock."""

    WAITING = "WAITING", _("Waits for a second person")
    AGREED = "AGREED", _("Agreed to, and not yet carried out")
    USED = "USED", _("Agreed to and carried out")
    REFUSED = "REFUSED", _("Refused")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")
    EXPIRED = "EXPIRED", _("Expired")
