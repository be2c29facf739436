"""What a check of the audit log found, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from signatures.auditing.checking import Break, Problem


def sentence_of(problem: Problem) -> str:
    """Return what is wrong, and where."""
    if problem.kind is Break.UNSEALED:
        sentence = ngettext(
            "%(n)s entry had waited for its seal for more than a minute: the worker is not running, or the entry was"
            " put in by hand, or its seal was taken away.",
            "%(n)s entries had waited for their seals for more than a minute: the worker is not running, or the entries"
            " were put in by hand, or their seals were taken away.",
            problem.number,
        )
        return sentence % {"n": problem.number}
    if problem.kind is Break.MISSING and problem.to > problem.number:
        sentence = gettext("The numbers %(first)s to %(last)s are missing: entries were taken out there.")
        return sentence % {"first": problem.number, "last": problem.to}
    sentences = {
        Break.MISSING: gettext("Number %(n)s is missing: an entry was taken out there."),
        Break.CHANGED: gettext(
            "The digest of number %(n)s does not fit: this entry was changed or put in, or one was taken out before it."
        ),
        Break.MISPLACED: gettext("Number %(n)s stands in the wrong place."),
        Break.HEAD_UNKNOWN: gettext(
            "The log does not hold the digest %(digest)s: entries at its end were taken out, or it was written anew."
        ),
        Break.DELIVERY_UNKNOWN: gettext(
            "The log does not hold the digest %(digest)s, which the manifest of hand-over %(n)s names: entries at its"
            " end were taken out, or it was written anew."
        ),
        Break.UNREADABLE: gettext("Line %(n)s is no entry."),
    }
    return sentences[problem.kind] % {"n": problem.number, "digest": problem.digest}


def late_sentence(number: int) -> str:
    """Return that an entry is much older than the one before it."""
    sentence = gettext(
        "Number %(n)s is more than an hour older than the number before it: it was written afterwards, or the server’s"
        " clock was set back."
    )
    return sentence % {"n": number}
