"""The pages on which organisers read the names and the reasons that wait, fifty at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from signatures.admin.access import acting_on
from signatures.admin.review_rows import (
    ERASE,
    HIDE,
    NAME_CHOICES,
    REASON_CHOICES,
    ROWS_PER_PAGE,
    SHOW,
    Answers,
    ReviewRow,
    amount_shown,
    answers_in,
    id_in,
    next_rows,
    rows_of,
    rule_link,
)
from signatures.auditing.looks import NamesPage, record_look
from signatures.models import Organiser, Petition, Signature
from signatures.models.choices import AuditAction, NameReview, Visibility
from signatures.moderating.reviewing import (
    CAN_BE_TAKEN_BACK,
    NameDecision,
    Reviewed,
    decide_names,
    decide_reasons,
    decisions_of,
    take_back,
)

PERMISSION = "moderate_signatures"
ENTRIES_MAX = 2


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def names(request: HttpRequest, pk: int) -> HttpResponse:
    """Show names that wait, or carry out what was decided on them.

    :raises PermissionDenied: if the organiser may not decide
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    if request.method == "POST":
        if "undo" in request.POST:
            return _undo(request, petition, organiser, "names")
        return _save_names(request, petition, organiser)
    waiting = petition.signatures.all()
    rows = rows_of(petition, next_rows(waiting.with_waiting_name(), request), of="name")
    context = {
        "title": _("Names that wait"),
        "petition": petition,
        "page": "names",
        "amount": waiting.waiting_by_petition([pk])[pk][0],
        "rule_link": rule_link(petition, name_review=NameReview.WAITING.value, visibility=Visibility.PUBLIC.value),
        "version": petition.text_versions.all().newest_first().first(),
    }
    return _show(request, organiser, rows, context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def reasons(request: HttpRequest, pk: int) -> HttpResponse:
    """Show reasons that wait, or carry out what was decided on them; erasing asks first.

    :raises PermissionDenied: if the organiser may not decide
    """
    organiser, petition = acting_on(request, PERMISSION, pk)
    if request.method == "POST":
        if "undo" in request.POST:
            return _undo(request, petition, organiser, "reasons")
        return _save_reasons(request, petition, organiser)
    waiting = petition.signatures.all()
    rows = rows_of(petition, next_rows(waiting.with_waiting_reason(), request), of="reason")
    context = {
        "title": _("Reasons to read"),
        "petition": petition,
        "page": "reasons",
        "amount": waiting.waiting_by_petition([pk])[pk][1],
    }
    return _show(request, organiser, rows, context)


def _save_names(request: HttpRequest, petition: Petition, organiser: Organiser) -> HttpResponse:
    answers = answers_in(request, NAME_CHOICES)
    texts = _texts(petition, answers, "name")
    decisions = {
        pk: NameDecision(seen, to)
        for choice, to in ((SHOW, NameReview.OK), (HIDE, NameReview.HIDDEN))
        for pk, seen in answers.chosen(choice, texts).items()
    }
    done = decide_names(petition=petition, decisions=decisions, actor=organiser)
    return _saved(request, petition, "names", answers, done)


def _save_reasons(request: HttpRequest, petition: Petition, organiser: Organiser) -> HttpResponse:
    answers = answers_in(request, REASON_CHOICES)
    texts = _texts(petition, answers, "reason")
    show, erase = answers.chosen(SHOW, texts), answers.chosen(ERASE, texts)
    gone = [pk for pk, seen in erase.items() if seen]
    if gone and "sure" not in request.POST:
        return _ask(request, petition, organiser, answers, gone)
    done = decide_reasons(petition=petition, show=show, erase=erase, actor=organiser)
    return _saved(request, petition, "reasons", answers, done)


def _texts(petition: Petition, answers: Answers, column: str) -> dict[int, str]:
    rows = petition.signatures.filter(pk__in=list(answers.seen), **{f"{column}__isnull": False})
    return dict(rows.values_list("pk", column))


def _ask(
    request: HttpRequest, petition: Petition, organiser: Organiser, answers: Answers, gone: list[int]
) -> HttpResponse:
    """Show which reasons will be gone, and carry all other decisions along."""
    found = list(petition.signatures.filter(pk__in=gone, reason__isnull=False).order_by("pk"))
    _record(organiser, petition, NamesPage.REASON_ERASURE, len(found))
    context = {
        **admin.site.each_context(request),
        "title": _("Erase these reasons?"),
        "petition": petition,
        "rows": rows_of(petition, found, of="reason"),
        "carried": [(pk, choice, answers.seen[pk]) for pk, choice in answers.choices.items()],
        "last": max(answers.seen),
        "back": _path(petition, "reasons"),
        "opts": Petition._meta,
    }
    return render(request, "admin/erase_reasons.html", context)


def _saved(request: HttpRequest, petition: Petition, page: str, answers: Answers, done: Reviewed) -> HttpResponse:
    if done.late:
        sentence = ngettext(
            "%(n)s was left as it is: its signer, or another of you, changed it while you read. Please look again.",
            "%(n)s were left as they are: their signers, or others of you, changed them while you read. Please look"
            " again.",
            done.late,
        )
        messages.warning(request, sentence % {"n": done.late})
    last = id_in(request.POST.get("last", "")) or max(answers.seen, default="")
    query = [("after", last)] if last else []
    query += [("done", entry) for entry in done.entries]
    return HttpResponseRedirect(f"{_path(petition, page)}?{urlencode(query)}", status=HTTPStatus.FOUND)


def _undo(request: HttpRequest, petition: Petition, organiser: Organiser, page: str) -> HttpResponse:
    undone = take_back(petition=petition, entries=_entries(request.POST.getlist("undo")), actor=organiser)
    sentence = ngettext(
        "%(n)s decision is taken back: it waits again.", "%(n)s decisions are taken back: they wait again.", undone
    )
    messages.success(request, sentence % {"n": undone})
    return HttpResponseRedirect(_path(petition, page))


def _show(request: HttpRequest, organiser: Organiser, rows: list[ReviewRow], context: dict[str, Any]) -> HttpResponse:
    petition: Petition = context["petition"]
    page = NamesPage.REVIEW_NAMES if context["page"] == "names" else NamesPage.REVIEW_REASONS
    _record(organiser, petition, page, len(rows))
    done = decisions_of(petition, _entries(request.GET.getlist("done")), organiser)
    shown = {
        **admin.site.each_context(request),
        **context,
        "rows": rows,
        "shown_amount": amount_shown(context["amount"]),
        "begins_again": bool(request.GET.get("after")) and context["amount"] > 0,
        "done": [_done(AuditAction(entry.action), entry.amount or 0) for entry in done],
        "undo": [entry.pk for entry in done if entry.action in CAN_BE_TAKEN_BACK],
        "here": _path(petition, context["page"]),
        "per_page": ROWS_PER_PAGE,
        "opts": Petition._meta,
    }
    return render(request, "admin/review.html", shown)


def _record(organiser: Organiser, petition: Petition, page: NamesPage, amount: int) -> None:
    if amount:
        record_look(actor=organiser, page=page, petition=petition, amount=amount)


def _done(action: AuditAction, amount: int) -> str:
    sentences = {
        AuditAction.NAMES_SHOWN: ngettext("%(n)s name may be shown now.", "%(n)s names may be shown now.", amount),
        AuditAction.NAMES_HIDDEN: ngettext("%(n)s name is hidden now.", "%(n)s names are hidden now.", amount),
        AuditAction.REASON_APPROVED: ngettext(
            "%(n)s reason is shown beside the name now.", "%(n)s reasons are shown beside the names now.", amount
        ),
        AuditAction.REASON_ERASED: ngettext("%(n)s reason is erased.", "%(n)s reasons are erased.", amount),
    }
    return sentences[action] % {"n": amount}


def _entries(values: list[str]) -> list[int]:
    return [int(value) for value in values[:ENTRIES_MAX] if id_in(value)]


def _path(petition: Petition, page: str) -> str:
    return reverse(f"admin:petition_{page}", kwargs={"pk": petition.pk})


def reason_to_erase(request: HttpRequest, signature: Signature) -> HttpResponse:
    """Ask on a page of its own whether one signature's reason shall be gone."""
    context = {
        **admin.site.each_context(request),
        "title": gettext("Erase this reason?"),
        "petition": signature.petition,
        "rows": rows_of(signature.petition, [signature], of="reason"),
        "signature": signature,
        "back": reverse("admin:signatures_signature_change", args=[signature.pk]),
        "opts": Petition._meta,
    }
    return render(request, "admin/erase_reasons.html", context)
