"""Identifies and authorises the acting organiser."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from signatures.models import Organiser, Petition
from signatures.models.petition import PetitionQuerySet
from signatures.models.rights import may
from signatures.models.second_factor import has_second_factor


def is_let_in(request: HttpRequest) -> bool:
    """Return whether somebody is logged in whose account is open, with its second factor.

    Who has none is let in only where the site requires none.
    """
    organiser = organiser_with_password(request)
    if organiser is None:
        return False
    return has_shown_factor(organiser) or not (settings.SECOND_FACTOR_REQUIRED or has_second_factor(organiser))


def organiser_with_password(request: HttpRequest) -> Organiser | None:
    """Return whoever is logged in by password with an open account, with or without the second factor, or None."""
    user = request.user
    return user if isinstance(user, Organiser) and user.is_active and user.is_staff else None


def has_shown_factor(organiser: Organiser) -> bool:
    """Return whether the second factor was shown in this session."""
    return getattr(organiser, "otp_device", None) is not None


def acting_organiser(request: HttpRequest, permission: str | None = None) -> Organiser:
    """Return the organiser who makes the request.

    For what belongs to a petition this is not enough: see ``acting_on``.

    :param permission: codename of a permission that is required in the whole site or in any petition, or None
    :raises PermissionDenied: if nobody is let in, or the permission is missing
    """
    if not isinstance(request.user, Organiser) or not is_let_in(request):
        raise PermissionDenied
    if permission is not None and not request.user.has_perm(f"signatures.{permission}"):
        raise PermissionDenied
    return request.user


def acting_on(
    request: HttpRequest, permission: str, pk: int, petitions: PetitionQuerySet | None = None
) -> tuple[Organiser, Petition]:
    """Return the organiser who makes the request, and the petition that it is about.

    :param permission: codename of the permission that is required in this petition
    :param pk: primary key of the petition
    :param petitions: where to look it up, annotated as the page needs it; all of them if omitted
    :raises Http404: if there is none, or this organiser has nothing to do with it
    :raises PermissionDenied: if nobody is let in, or the permission is missing
    """
    organiser = acting_organiser(request)
    petition: Petition = get_object_or_404(Petition.objects.all() if petitions is None else petitions, pk=pk)
    require_right(organiser, permission, petition.pk)
    return organiser, petition


def require_right(organiser: Organiser, permission: str, petition_id: int | None) -> None:
    """Refuse what an organiser may not do; tell nothing of a petition with which they have nothing to do.

    :param permission: codename of the permission that is required
    :param petition_id: of what is shown or changed; None if it belongs to the whole site
    :raises Http404: if this organiser may not know of the petition
    :raises PermissionDenied: if the permission is missing
    """
    if may(organiser, permission, petition_id):
        return
    if petition_id is None or may(organiser, "view_petition", petition_id):
        raise PermissionDenied
    raise Http404


@dataclass(frozen=True)
class Rights:
    """What an organiser may do in a petition, as templates ask it: ``rights.hand_over_list``.

    :param petition_id: None asks for what is allowed in the whole site
    """

    organiser: Organiser
    petition_id: int | None

    def __getitem__(self, permission: str) -> bool:
        """Return whether they have a permission there."""
        return may(self.organiser, permission, self.petition_id)
