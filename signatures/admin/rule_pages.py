"""Decisions on all signatures that a rule matches: choose, look at a sample, decide, watch, undo."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from signatures.admin.access import acting_on
from signatures.admin.asking import ask_instead
from signatures.admin.decision_pages import PERMISSION
from signatures.admin.log_subjects import Kind, log_link
from signatures.admin.rule_form import DecisionForm, RuleForm, initial_from
from signatures.admin.rule_words import sentences
from signatures.admin.signature_words import country_word, state_word, visibility_word
from signatures.approving.gate import NeedsApprovalError
from signatures.auditing.looks import NamesPage, record_look
from signatures.models import Batch, Organiser, Petition, Signature, Wave
from signatures.models.batch import AT_WORK
from signatures.models.choices import BatchAction, BatchStage
from signatures.moderating.batches import cancel_batch, make_batch, start_batch, undo_batch

LISTED_MAX = 50
LOOK_SECONDS = 3
# Whoever reads the page aloud, or goes through it by keyboard, can stop it from being loaded again.
STILL = "still"


@dataclass(frozen=True)
class Choice:
    """One of the things that can be done with the signatures of a rule.

    :param amount: how many signatures it changes, of names at most so many
    :param effect: what becomes of the count, in a sentence
    """

    action: BatchAction
    amount: int
    effect: str
    is_chosen: bool


@require_safe
@cache_control(no_store=True)
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """List the newest rules of a petition, with what became of them; words of names in them are looked at.

    :raises PermissionDenied: if the organiser may not decide on signatures
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    batches = Batch.objects.filter(petition=petition).select_related("actor", "text_version").order_by("-pk")
    found = [(batch, sentences(batch)) for batch in batches[:LISTED_MAX]]
    named = sum(bool(batch.name) for batch, _ in found)
    if named:
        record_look(actor=organiser, page=NamesPage.RULES, petition=petition, amount=named)
    context = _context(request, petition, gettext("Rules"))
    return render(request, "admin/rules.html", {**context, "rules_url": None, "batches": found})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def new_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which signatures are meant, with the conditions in the address filled in, or store the rule (that of a wave).

    :raises PermissionDenied: if the organiser may not decide on signatures
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    if request.method == "POST" and "wave" in request.POST:
        return _of_wave(request, petition, organiser)
    if request.method == "POST":
        form = RuleForm(request.POST, petition=petition)
        if form.is_valid():
            try:
                batch = make_batch(rule=form.rule(), actor=organiser)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return HttpResponseRedirect(_path(batch))
    else:
        form = RuleForm(initial=_given(request, petition, organiser), petition=petition)
    context = _context(request, petition, gettext("Decide on many signatures"))
    context |= {"form": form, "is_of_domain": bool(form["like"].value())}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/rule_new.html", context, status=status)


def _of_wave(request: HttpRequest, petition: Petition, organiser: Organiser) -> HttpResponse:
    """Store the rule that finds a wave, whose conditions need not be asked for."""
    number = request.POST["wave"]
    wave = Wave.objects.filter(petition=petition, pk=number).first() if number.isdecimal() else None
    try:
        if wave is not None:
            batch = make_batch(rule=wave, actor=organiser)
            if wave.name:
                # Nobody has typed it, and the page of the rule says it from now on.
                _record(organiser, batch, 1)
            return HttpResponseRedirect(_path(batch))
        messages.error(request, gettext("It is over already."))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    return HttpResponseRedirect(reverse("admin:petition_waves", args=[petition.pk]))


def _given(request: HttpRequest, petition: Petition, organiser: Organiser) -> dict[str, Any]:
    """Return the conditions that the address names, or those of the rule that it names."""
    again = request.GET.get("again", "")
    stored = Batch.objects.filter(petition=petition, pk=again).first() if again.isdecimal() else None
    if stored is not None:
        _record(organiser, stored, int(bool(stored.name)))
        return initial_from(stored)
    given = {name: str(value) for name, value in request.GET.items() if name in RuleForm.base_fields}
    return {**given, "like": given["like"] if given.get("like", "").isdecimal() else None}


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def rule(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show how far a rule is, with a sample before it is decided on; or start, stop or undo it.

    :raises PermissionDenied: if the organiser may not decide on signatures
    :raises BadRequest: if there is no such thing to do
    """
    organiser, petition = acting_on(request, PERMISSION, pk, Petition.objects.all().with_count())
    batches = Batch.objects.filter(petition=petition).select_related("actor", "text_version", "petition")
    form: DecisionForm | None = None
    if request.method == "POST":
        batch = batches.filter(pk=number).first()
        if batch is None:
            messages.error(request, gettext("This rule was dropped, since nobody decided on it."))
            return HttpResponseRedirect(_list(petition))
        form = DecisionForm(request.POST, batch=batch)
        done = _act(request, batch, form, organiser)
        if done is not None:
            return done
    batch = get_object_or_404(batches, pk=number)
    return _show(request, petition, batch, organiser, form or DecisionForm(batch=batch))


def _act(request: HttpRequest, batch: Batch, form: DecisionForm, organiser: Organiser) -> HttpResponse | None:
    """Do what a button says, and return the redirect that follows, or None if the form has mistakes."""
    button = request.POST.get("do", "")
    try:
        if button == "start":
            if not form.is_valid():
                return None
            start_batch(pk=batch.pk, actor=organiser, **form.cleaned_data)
        elif button == "cancel":
            if cancel_batch(pk=batch.pk, actor=organiser) is None:
                messages.success(request, gettext("The rule is dropped. Nothing was changed."))
                return HttpResponseRedirect(_list(batch.petition))
        elif button == "undo":
            undo_batch(pk=batch.pk, actor=organiser)
        else:
            raise BadRequest
    except NeedsApprovalError as error:
        return ask_instead(request, error, organiser)
    except Batch.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    return HttpResponseRedirect(_path(batch))


def _show(
    request: HttpRequest, petition: Petition, batch: Batch, organiser: Organiser, form: DecisionForm
) -> HttpResponse:
    context = _context(request, petition, gettext("Decide on many signatures"))
    context |= {
        "batch": batch,
        "sentences": sentences(batch),
        "count": petition.exact_count,  # type: ignore[attr-defined]
        "log_url": log_link(request, Kind.RULE, batch.pk, petition.pk),
        "is_at_work": batch.stage in AT_WORK,
        "looks_again": batch.stage in AT_WORK and STILL not in request.GET,
        "form": form,
    }
    if batch.stage == BatchStage.READY:
        shown = Signature.objects.filter(pk__in=batch.sample).order_by("-pk")
        context["sample"] = [(one, country_word(one), visibility_word(one), state_word(one)) for one in shown]
        context["choices"] = [
            _choice(batch, action, context["count"], form["action"].value()) for action in BatchAction
        ]
    _record(organiser, batch, len(context.get("sample", [])) + bool(batch.name))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    response = render(request, "admin/rule.html", context, status=status)
    if context["looks_again"]:
        # Browsers without scripts follow it, too.
        response.headers["Refresh"] = str(LOOK_SECONDS)
    return response


def _record(organiser: Organiser, batch: Batch, amount: int) -> None:
    """Record that the page of a rule says the words of a name, or shows examples."""
    if amount:
        record_look(actor=organiser, page=NamesPage.RULE, petition=batch.petition_id, target=batch.pk, amount=amount)


def _choice(batch: Batch, action: BatchAction, count: int, chosen: str | None) -> Choice:
    amount, after = batch.would_change(action), count + batch.would_add(action)
    if not amount:
        effect = gettext("That changes nothing.")
    elif after == count:
        effect = ngettext(
            "%(n)s signature changes at most, and the count stays the same.",
            "%(n)s signatures change at most, and the count stays the same.",
            amount,
        )
    else:
        effect = ngettext(
            "%(n)s signature changes, and the count goes from %(before)s to %(after)s.",
            "%(n)s signatures change, and the count goes from %(before)s to %(after)s.",
            amount,
        )
    numbers = {"n": amount, "before": count, "after": after}
    shown = {name: number_format(number, use_l10n=True, force_grouping=True) for name, number in numbers.items()}
    return Choice(action, amount, effect % shown, is_chosen=action == chosen)


def _context(request: HttpRequest, petition: Petition, title: str) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": title,
        "petition": petition,
        "rules_url": _list(petition),
        "opts": Petition._meta,
    }


def _list(petition: Petition) -> str:
    return reverse("admin:petition_rules", args=[petition.pk])


def _path(batch: Batch) -> str:
    return reverse("admin:petition_batch", args=[batch.petition_id, batch.pk])
