"""Identifies and authorises the acting organiser."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from signatures.models import Organiser


def acting_organiser(request: HttpRequest, permission: str | None = None) -> Organiser:
    """Return the organiser who makes the request.

    :param permission: codename of the required permission, or None
    :raises PermissionDenied: if nobody is logged in, or the permission is missing
    """
    if not isinstance(request.user, Organiser):
        raise PermissionDenied
    if permission is not None and not request.user.has_perm(f"signatures.{permission}"):
        raise PermissionDenied
    return request.user
