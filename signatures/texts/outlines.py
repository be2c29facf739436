"""Outlines that organisers can begin a text with; what stands in brackets is theirs to replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Outline:
    """A text to begin with.

    :param name: what it is for, in the organiser's language
    :param text: Markdown, to be translated into the language of the field
    """

    name: str | Promise
    text: str


PETITION_OUTLINES: Mapping[str, Outline] = {
    "parliament": Outline(
        _("To a parliament"),
        gettext_noop(
            "To the members of [the parliament]\n\n"
            "## What is wrong\n\n"
            "[In two or three sentences: what is the case today, since when, and whom it concerns.]\n\n"
            "## Why it is for you to decide\n\n"
            "[The law, the vote or the budget that can change it.]\n\n"
            "## What we ask for\n\n"
            "1. [The first demand: a deed that somebody can be seen to do or not to do.]\n"
            "2. [The second demand.]\n"
            "3. Tell us in public, by [day], what you have decided.\n\n"
            "## What we rely on\n\n"
            "- [A report, a statute, a figure](https://example.org)\n"
        ),
    ),
    "city": Outline(
        _("A park or a street in a city"),
        gettext_noop(
            "## The place\n\n"
            "[The park or street, what people use it for, and how many do.]\n\n"
            "## What is planned\n\n"
            "[Who plans what, and until when it can be changed. Link to the plan.](https://example.org)\n\n"
            "## What we ask for\n\n"
            "1. [Keep, mend or build what exactly, and where.]\n"
            "2. [Ask the neighbours before deciding, at a meeting that is announced in time.]\n\n"
            "## What happens if nothing is done\n\n"
            "[One or two sentences.]\n"
        ),
    ),
    "prisoners": Outline(
        _("People imprisoned for their opinions"),
        gettext_noop(
            "## Who they are\n\n"
            "[How many people, known to whom, and for what they were punished. Name only those who, or whose families,"
            " want to be named.]\n\n"
            "## What happened\n\n"
            "[Day by day or in one paragraph: arrests, trials, what is known of their health. Give a source for each"
            " statement.](https://example.org)\n\n"
            "## What we ask for\n\n"
            "1. **Release** all who are imprisoned for their opinions, at once and without conditions.\n"
            "2. **Until then:** doctors, letters, lawyers and visits for each of them.\n"
            "3. [What the body that you write to can do by itself: statements, visas, sanctions, talks.]\n\n"
            "## Why now\n\n"
            "[The session, the visit or the day at which it is decided.]\n"
        ),
    ),
}
NEWS_OUTLINES: Mapping[str, Outline] = {
    "handed_over": Outline(
        _("Handed over"),
        gettext_noop(
            "On [day] we handed the petition over to [body]. The list was taken by [office].\n\n"
            "**[Number]** people had signed by then.\n\n"
            "[Body] must answer by [day]. We tell you here as soon as it does.\n"
        ),
    ),
    "reply": Outline(
        _("A reply was received"),
        gettext_noop(
            "On [day] [body] answered us:\n\n"
            "> [The most important sentences, word for word.]\n\n"
            "What we think of it: [two or three sentences].\n\n"
            "What comes next: [one step, and when].\n"
        ),
    ),
    "reached": Outline(
        _("A number was reached"),
        gettext_noop(
            "**[Number]** people have signed. Thank you!\n\n"
            "What comes next: [one step, and when].\n\n"
            "If it is safe for you, pass the petition on to one person who would sign it, too.\n"
        ),
    ),
}


def outline_in(outlines: Mapping[str, Outline], code: str, language: str) -> str:
    """Return the text of an outline in a language, or "" if there is no such outline."""
    if code not in outlines:
        return ""
    with override(language):
        return gettext(outlines[code].text)
