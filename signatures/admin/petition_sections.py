"""The sections of a petition's form in the order in which it is written, with what is rarely needed folded away."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.helpers import AdminForm, Fieldset
from django.contrib.admin.utils import flatten
from django.db.models import Field
from django.utils.translation import gettext_lazy as _

from signatures.admin import two_people
from signatures.admin.written_texts import side_by_side
from signatures.models import Petition
from signatures.models.protection import Protection
from signatures.texts.starting_points import starting_values

FOLDED = "collapse"
LANGUAGES_APART = "side-by-side"


def sections(*, has_text: bool) -> Any:
    """Return the sections as Django's fieldsets; the recipients stand after the first.

    :param has_text: whether a text was published, so that there is a status to choose
    """
    times = ("opens_at", "closes_at")
    return (
        (
            _("Text in each language"),
            {
                "classes": (LANGUAGES_APART,),
                "description": _("This is the draft. Signers see it once it is published."),
                "fields": (*side_by_side("title", "summary", "body", "consent"), "languages"),
            },
        ),
        (
            _("Who is responsible"),
            {
                "classes": (LANGUAGES_APART,),
                "description": _("Part of the draft, like the text: it holds once it is published."),
                "fields": (*side_by_side("responsible_body"), "contact"),
            },
        ),
        (
            _("What signers rely on"),
            {
                "classes": (LANGUAGES_APART,),
                "description": _("Part of the draft, like the text: it holds once it is published."),
                "fields": ("protection", *side_by_side("safety_notice", "sharing_notice"), "asks_city"),
            },
        ),
        (
            _("Why names are confidential"),
            {
                "classes": (LANGUAGES_APART, FOLDED),
                "description": _("Part of the draft, like the text: it holds once it is published."),
                "fields": side_by_side("confidentiality"),
            },
        ),
        (
            _("Around the form"),
            {
                "classes": (LANGUAGES_APART, FOLDED),
                "description": _("Not part of the text: it holds as soon as it is saved."),
                "fields": ("countries_first", "share_places", "news_by_mail", *side_by_side("thanks", "closing_words")),
            },
        ),
        (
            _("Names before everyone"),
            {
                "classes": (FOLDED,),
                "description": _("Not part of the text, either: it holds for names confirmed from now on."),
                "fields": ("reviews_names", "waiting_words"),
            },
        ),
        (
            _("Dates, address and goal"),
            {"fields": (*(("status",) if has_text else ()), times, "slug", "goal")},
        ),
        two_people.SECTION,
        (_("Erasing"), {"classes": (FOLDED,), "fields": ("erase_on",)}),
    )


def unfolded_where_used(form: AdminForm) -> list[Fieldset]:
    """Return the sections of a form; those that hold an error, or anything but what they start with, are unfolded."""
    found = list(form)
    for section in found:
        names = flatten(section.fields)  # type: ignore[attr-defined]
        if FOLDED in section.classes and _is_used(form.form, names):
            section.classes = section.classes.replace(FOLDED, "").strip()
    return found


def _is_used(form: Any, names: list[str]) -> bool:
    level = form["protection"].value() if "protection" in form.fields else form.instance.protection
    usual = starting_values(Protection(level) if level in Protection.values else Protection.GUARDED)
    for name in names:
        field = Petition._meta.get_field(name)
        default = usual.get(name, field.get_default() if isinstance(field, Field) else None)
        value = form[name].value() if name in form.fields else getattr(form.instance, name)
        if name in form.errors or _plain(value) != _plain(default):
            return True
    return False


def _plain(value: Any) -> Any:
    """Return a value in a form that is the same whether it was stored or sent."""
    if not value:
        return ""
    if isinstance(value, list | tuple):
        return sorted(map(str, value))
    return str(value).replace("\r\n", "\n").strip()
