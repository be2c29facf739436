"""Asks again, while a file is on its way, whether whoever asked for it may still have it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django_otp.middleware import OTPMiddleware

from signatures.admin.access import acting_organiser, is_let_in
from signatures.models import Organiser
from signatures.models.choices import StopReason
from signatures.models.rights import may
from signatures.safeguarding.sessions import SessionStore, sessions_since


def reason_to_stop(request: HttpRequest, permission: str, petition_id: int | None) -> Callable[[], StopReason | None]:
    """Return what asks the database anew: for the account, its right in a petition, and the session of a request.

    A session goes on under a new key when the factor is shown again, in another tab perhaps; a session of another
    login does not stand for it, so that ending one ends what it has under way.

    :param petition_id: None asks for a right in the whole site
    """
    pk = acting_organiser(request).pk
    began = request.session.began if isinstance(request.session, SessionStore) else None

    def ask() -> StopReason | None:
        organiser = Organiser.objects.filter(pk=pk, is_active=True, is_staff=True).first()
        if organiser is None:
            return StopReason.ACCOUNT_CLOSED
        if not may(organiser, permission, petition_id):
            return StopReason.RIGHT_TAKEN
        is_there = any(map(_lets_in, sessions_since(organiser, began)))
        return None if is_there else StopReason.SESSION_ENDED

    return ask


def _lets_in(session: SessionBase) -> bool:
    again = HttpRequest()
    again.session = session
    again.user = get_user(again)
    OTPMiddleware(_nothing)(again)
    return is_let_in(again)


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
