"""Which permissions an account has in which petition: those of its role in the whole site, and of its memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import Permission
from django.db.models import Exists, Model, OuterRef, Q

from signatures.models.membership import Membership
from signatures.models.organiser import OF_THE_SITE, Organiser
from signatures.models.petition import Petition

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from signatures.models.petition import PetitionQuerySet

APP = "signatures"
# The permissions of an account's memberships, by petition, kept as long as the object: one request.
KEPT = "_rights_by_petition"


class PetitionBackend(BaseBackend):
    """Answers ``has_perm`` from memberships, beside Django's backend, which knows roles in the whole site.

    Without an object: whether the account has the permission in any petition. With a petition, or a row that belongs
    to one: whether it has the permission there, by either.
    """

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Model | None = None) -> bool:
        """Return whether an account has a permission.

        :param perm: such as ``signatures.view_signature``
        :param obj: a petition, a row with a ``petition_id``, or None
        """
        if not isinstance(user_obj, Organiser) or not user_obj.is_active:
            return False
        app, _, codename = perm.partition(".")
        if app != APP:
            return False
        if obj is None:
            return codename not in OF_THE_SITE and any(codename in found for found in by_petition(user_obj).values())
        return may(user_obj, codename, petition_id_of(obj))

    def has_module_perms(self, user_obj: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        """Return whether an account has any permission in any petition."""
        return (
            isinstance(user_obj, Organiser) and user_obj.is_active and app_label == APP and bool(by_petition(user_obj))
        )


def petition_id_of(row: Model) -> int | None:
    """Return the number of the petition that a row is or belongs to, or None."""
    return row.pk if isinstance(row, Petition) else getattr(row, "petition_id", None)


def may(organiser: Organiser, permission: str, petition_id: int | None) -> bool:
    """Return whether an account has a permission in a petition; in none, that is in the whole site, if it is None.

    :param permission: codename
    """
    if not organiser.is_active:
        return False
    if has_in_the_site(organiser, permission):
        return True
    return (
        petition_id is not None
        and permission not in OF_THE_SITE
        and permission in by_petition(organiser).get(petition_id, ())
    )


def has_in_the_site(organiser: Organiser, permission: str) -> bool:
    """Return whether an account has a permission by its role in the whole site."""
    return organiser.is_superuser or permission in organiser.site_permissions


def petitions_where(organiser: Organiser, permission: str) -> PetitionQuerySet:
    """Return the petitions in which an account has a permission."""
    petitions: PetitionQuerySet = Petition.objects.all()
    numbers = numbers_where(organiser, permission)
    return petitions if numbers is None else petitions.filter(pk__in=numbers)


def numbers_where(organiser: Organiser, permission: str) -> list[int] | None:
    """Return the numbers of the petitions in which an account has a permission, or None for all of them.

    Numbers, not a query: only with these does the database use its indexes by petition for lists of millions.
    """
    if not organiser.is_active:
        return []
    if has_in_the_site(organiser, permission):
        return None
    if permission in OF_THE_SITE:
        return []
    return sorted(pk for pk, found in by_petition(organiser).items() if permission in found)


def organisers_with(
    permission: str, petition: int | OuterRef | None = None, *, in_the_site: bool = False
) -> QuerySet[Organiser]:
    """Return the accounts that can log in and have a permission, in a petition or in the whole site.

    :param petition: its number, a reference to a column with it, or None: in any petition
    :param in_the_site: whether only roles in the whole site matter
    """
    right = Permission.objects.filter(content_type__app_label=APP, codename=permission)
    by_role = Q(is_superuser=True) | Q(groups__permissions__in=right) | Q(user_permissions__in=right)
    memberships = Membership.objects.filter(organiser=OuterRef("pk"), role__permissions__in=right)
    if petition is not None:
        memberships = memberships.filter(petition=petition)
    if permission not in OF_THE_SITE and not in_the_site:
        by_role |= Q(Exists(memberships))
    return Organiser.objects.filter(by_role, is_active=True, is_staff=True).distinct()


def by_petition(organiser: Organiser) -> dict[int, set[str]]:
    """Return the codenames that an account's memberships give it, by petition."""
    kept: dict[int, set[str]] | None = organiser.__dict__.get(KEPT)
    if kept is None:
        kept = {}
        rows: Any = Membership.objects.filter(
            organiser=organiser, role__permissions__content_type__app_label=APP
        ).values_list("petition_id", "role__permissions__codename")
        for petition_id, codename in rows:
            kept.setdefault(petition_id, set()).add(codename)
        organiser.__dict__[KEPT] = kept
    return kept
