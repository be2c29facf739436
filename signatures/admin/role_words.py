"""The roles of accounts, in words."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.models import Organiser
from signatures.safeguarding.accounts import EVERYTHING

# Roles are stored under their English names.
ROLE_NAMES = {
    "Administrators": _("Administrators"),
    "Organisers": _("Organisers"),
    "Moderators": _("Moderators"),
    "Editors": _("Editors"),
    "Typists": _("Typists"),
    "Auditors": _("Auditors"),
    EVERYTHING: _("Administrator: may do everything, erasing included"),
}
ROLES_EXPLAINED = {
    "Administrators": _("Administrators: everything, accounts and erasing included"),
    "Organisers": _(
        "Organisers: write and publish, look at the list and keep it clean, enter signatures from paper, export it and"
        " hand it over; they add no accounts and erase nothing"
    ),
    "Moderators": _("Moderators: look at the list, hold and remove signatures, read the reasons for signing"),
    "Editors": _("Editors: write texts and news; they see no signer"),
    "Typists": _("Typists: enter signatures from paper; they see no list"),
    "Auditors": _("Auditors: read what was done by whom; they see no signer"),
}


def role_name(name: str) -> str:
    """Return the name of a role in the active language."""
    return str(ROLE_NAMES.get(name, name))


def role_explained(name: str) -> str:
    """Return the name of a role and what it may do, in the active language."""
    return str(ROLES_EXPLAINED.get(name, name))


def site_role(account: Organiser) -> str:
    """Return the role of an account in the whole site in the active language; empty if it has none."""
    if account.is_superuser:
        return gettext("Administrator: may do everything, erasing included")
    return ", ".join(role_name(group.name) for group in account.groups.all())
