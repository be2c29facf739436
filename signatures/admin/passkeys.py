"""What the script of the passkey buttons asks for: a challenge, and whether the answer to it is taken."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from signatures.admin.half_way import is_proof_fresh, let_in, next_of, offers_passkeys, with_password
from signatures.admin.second_factor_forms import NAME_LENGTH_MAX
from signatures.admin.second_factor_set_up import after_adding
from signatures.models import Organiser
from signatures.models.second_factor import has_second_factor
from signatures.safeguarding.passkeys import (
    PasskeyError,
    add_passkey,
    challenge_to_add,
    challenge_to_show,
    take_passkey,
)
from signatures.safeguarding.rate_limits import PASSKEY, seconds_to_show_factor

logger = logging.getLogger(__name__)

ADDING, SHOWING = "passkey_to_add", "passkey_to_show"


@with_password
@require_POST
def add_begin(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Return the challenge for a new passkey, to whoever may add one."""
    if not _may_add(request, organiser):
        return _refused("not now", HTTPStatus.FORBIDDEN)
    options, request.session[ADDING] = challenge_to_add(request, organiser)
    return JsonResponse(options)


@with_password
@require_POST
def add_complete(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Add the passkey that has answered the challenge."""
    # A challenge is answered once, whatever the answer.
    state = request.session.pop(ADDING, None)
    if state is None or not _may_add(request, organiser):
        return _refused("not now", HTTPStatus.FORBIDDEN)
    sent = _sent(request)
    name = str(sent.get("name", "")).replace("\0", "").strip()[:NAME_LENGTH_MAX]
    try:
        device = add_passkey(actor=organiser, request=request, name=name, state=state, answer=sent.get("answer"))
    except PasskeyError as error:
        return _refused(str(error))
    messages.success(request, gettext("The passkey is added. From now on you can use it when you log in."))
    path = after_adding(organiser, next_of(request, str(sent.get("next", ""))))
    return let_in(request, device, JsonResponse({"goTo": path}))


@with_password
@require_POST
def show_begin(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Return the challenge for the passkeys of whoever has given the password."""
    if not (offers_passkeys(request) and has_second_factor(organiser)):
        return _refused("not here", HTTPStatus.FORBIDDEN)
    options, request.session[SHOWING] = challenge_to_show(request, organiser)
    return JsonResponse(options)


@with_password
@require_POST
def show_complete(request: HttpRequest, organiser: Organiser) -> HttpResponse:
    """Let in whoever's passkey has answered the challenge."""
    state = request.session.pop(SHOWING, None)
    if state is None or not offers_passkeys(request):
        return _refused("not here", HTTPStatus.FORBIDDEN)
    sent = _sent(request)
    wait = seconds_to_show_factor(request, organiser.pk, organiser.get_session_auth_hash(), PASSKEY)
    if wait:
        response = _refused("too many attempts", HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(wait)
        return response
    try:
        device = take_passkey(organiser=organiser, request=request, state=state, answer=sent.get("answer"))
    except PasskeyError as error:
        return _refused(str(error))
    return let_in(request, device, JsonResponse({"goTo": next_of(request, str(sent.get("next", "")))}))


def _may_add(request: HttpRequest, organiser: Organiser) -> bool:
    return offers_passkeys(request) and is_proof_fresh(request, organiser)


def _sent(request: HttpRequest) -> dict[str, Any]:
    """Return what the script sent, or nothing if it is no object."""
    try:
        sent = json.loads(request.body)
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


def _refused(why: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> JsonResponse:
    logger.warning("A passkey was refused: %s", why)
    return JsonResponse({"error": why}, status=status)
