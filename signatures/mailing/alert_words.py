"""The sentences of alerts, which name a petition only if its protection lets mails do so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from signatures.mailing.frames import Naming, News
from signatures.models import AlertNews
from signatures.models.choices import AlertKind


def news_in(rows: list[AlertNews], language: str, naming_of: Callable[[int], Naming | None]) -> News:
    """Return the words for news in a language.

    :param naming_of: what a mail may say about a petition, by the petition's row number
    """
    with translation.override(language):
        told: list[tuple[str, str]] = []
        for row in rows:
            naming = naming_of(row.petition_id) if row.petition_id is not None else None
            if row.kind == AlertKind.MAIL:
                told.append(_of_mail_server(row))
            elif naming is not None:
                told.append(_of_petition(row, naming.title))
        is_all = len(told) == len(rows)
        subject = told[0][0] if is_all and len(told) == 1 else ""
        return News(subject, tuple(sentence for _subject, sentence in told), has_more=not is_all)


def _of_petition(row: AlertNews, title: str) -> tuple[str, str]:
    number = number_format(row.amount, force_grouping=True) if row.amount is not None else ""
    words = {"title": title, "n": number}
    if row.kind == AlertKind.MILESTONE:
        sentence = ngettext(
            "%(n)s person has signed the petition “%(title)s”.",
            "%(n)s people have signed the petition “%(title)s”.",
            row.amount or 0,
        )
        return _("%(n)s signatures: %(title)s") % words, sentence % words
    if row.amount is None:
        sentence = _("Many signatures that look alike came in under the petition “%(title)s”.")
    else:
        sentence = ngettext(
            "%(n)s signature that looks like others came in under the petition “%(title)s”.",
            "%(n)s signatures that look alike came in under the petition “%(title)s”.",
            row.amount,
        )
    return _("A wave of signatures: %(title)s") % words, sentence % words


def _of_mail_server(row: AlertNews) -> tuple[str, str]:
    subject = _("The mail server refuses mails")
    if row.began_at is None or row.ended_at is None:
        return subject, _("The mail server refuses some mails of this site. The first page of the desk says why.")
    began, ended = (
        date_format(instant.astimezone(UTC), "SHORT_DATETIME_FORMAT") for instant in (row.began_at, row.ended_at)
    )
    return _("The mail server refused mails"), _(
        "Between %(began)s and %(ended)s (UTC) the mail server refused the mails of this site. It takes them again."
    ) % {"began": began, "ended": ended}
