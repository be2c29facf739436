"""The page of a petition's waves: what stands out, whether new ones are held, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on
from signatures.admin.signature_words import country_word, state_word
from signatures.admin.wave_words import expected_sentence, hold_sentence, wave_sentence
from signatures.auditing.looks import NamesPage, record_look
from signatures.models import Organiser, Petition, Signature, StandingHold, Wave
from signatures.moderating.holds import end_hold, hold_wave, note_wave

PERMISSION = "moderate_signatures"
# More than anybody decides on in an evening; those that stand out less come up once these are done.
SHOWN_MAX = 100
DONE = {
    "look": _("It does not wait any more. New ones go on being held, if they were."),
    "fine": _("It is not told again, and new signatures like these count."),
    "hold": _("New signatures like these are held from now on."),
    "end": _("New signatures like these count again from now on. Those that are held already stay held."),
}


@dataclass(frozen=True)
class Shown:
    """A wave as it stands on the page.

    :param hold: what is held because of it, as a sentence; empty if nothing is
    :param decide: where a rule on its signatures is made
    :param sample: some of its signatures with words for country and state, if they were asked for
    """

    wave: Wave
    sentence: str
    expected: str
    hold: str
    decide: str
    sample: list[tuple[Signature, str, str]] | None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def waves(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the waves of a petition, or carry out what was pressed.

    :raises PermissionDenied: if the organiser may not decide on signatures
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    if request.method == "POST":
        _act(request, petition, organiser)
        return HttpResponseRedirect(reverse("admin:petition_waves", args=[pk]))
    rows = Wave.objects.filter(petition=petition).select_related("hold__text_version", "text_version", "looked_by")
    largest = rows.order_by(F("looked_at").asc(nulls_first=True), "-amount")[:SHOWN_MAX]
    every = sorted(largest, key=lambda wave: -wave.striking)
    opened = request.GET.get("wave", "")
    shown = [_shown(wave, is_open=opened == str(wave.pk), organiser=organiser) for wave in every]
    others = StandingHold.objects.all().in_force().filter(petition=petition, waves__isnull=True)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Waves of signatures"),
        "petition": petition,
        "waiting": [one for one in shown if one.wave.looked_at is None],
        "looked_at": [one for one in shown if one.wave.looked_at is not None],
        "holds": [(hold, hold_sentence(hold)) for hold in others.select_related("text_version")[:SHOWN_MAX]],
        "opts": Petition._meta,
    }
    return render(request, "admin/waves.html", context)


def _shown(wave: Wave, *, is_open: bool, organiser: Organiser) -> Shown:
    return Shown(
        wave,
        wave_sentence(wave),
        expected_sentence(wave),
        hold_sentence(wave.hold) if wave.hold else "",
        reverse("admin:petition_rule", args=[wave.petition_id]),
        _sample(wave, organiser) if is_open else None,
    )


def _sample(wave: Wave, organiser: Organiser) -> list[tuple[Signature, str, str]]:
    """Return some signatures of a wave, and record that their names were looked at."""
    with transaction.atomic():
        rows = list(Signature.objects.filter(petition=wave.petition_id, pk__in=wave.sample_ids).order_by("-pk"))
        record_look(actor=organiser, page=NamesPage.WAVE, petition=wave.petition, target=wave.pk, amount=len(rows))
    return [(one, country_word(one), state_word(one)) for one in rows]


def _act(request: HttpRequest, petition: Petition, organiser: Organiser) -> None:
    action, number = request.POST.get("action", ""), request.POST.get("number", "")
    if action not in DONE or not number.isdecimal() or len(number) > len(str(2**62)):
        raise BadRequest
    try:
        _carry_out(action, int(number), petition, organiser)
    except (Wave.DoesNotExist, StandingHold.DoesNotExist):
        messages.error(request, gettext("It is over already."))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        messages.success(request, str(DONE[action]))


def _carry_out(action: str, number: int, petition: Petition, organiser: Organiser) -> None:
    rows: Any = StandingHold.objects if action == "end" else Wave.objects
    # Only what stands on this petition's page.
    pk = rows.values_list("pk", flat=True).get(pk=number, petition=petition)
    if action == "end":
        end_hold(pk=pk, actor=organiser)
    elif action == "hold":
        hold_wave(pk=pk, actor=organiser)
    else:
        note_wave(pk=pk, is_fine=action == "fine", actor=organiser)
