"""The setting by which a petition asks for a second person, on the petition's form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.approving.actions import FOUR_EYES, ask_second_person, asked_less_often, setting_act
from signatures.approving.gate import Act
from signatures.approving.second_person import kinds_without_a_second
from signatures.models import Organiser, Petition

SECTION = (
    _("A second person"),
    {
        "classes": ("collapse",),
        "description": _(
            "Whoever wants to do one of these things asks, and somebody else with the same right agrees or refuses"
            " within seven days. What one person removes within 24 hours is added up. Commands on the server and the"
            " day for erasing wait for nobody."
        ),
        "fields": FOUR_EYES,
    },
)


def keep_asking(petition: Petition) -> Act | None:
    """Put the stored setting back on a petition about to be saved if it would ask less often, and return that act."""
    before = Petition.objects.only(*FOUR_EYES).get(pk=petition.pk)
    if not asked_less_often(before, petition.four_eyes, petition.four_eyes_from):
        return None
    act = setting_act(petition, petition.four_eyes, petition.four_eyes_from)
    petition.four_eyes, petition.four_eyes_from = before.four_eyes, before.four_eyes_from
    return act


def ask_to_ask_less_often(request: HttpRequest, act: Act, organiser: Organiser) -> None:
    """Ask a second person for a change of the setting, and say so."""
    approval = ask_second_person(act=act, actor=organiser)
    url = reverse("admin:approval", args=[approval.pk])
    sentence = gettext("To ask less often for a second person, a second person must agree.")
    messages.warning(request, format_html('{} <a href="{}">{}</a>', sentence, url, gettext("See the request")))


def warn_of_missing_seconds(request: HttpRequest, petition: Petition) -> None:
    """Warn of acts to which nobody could agree."""
    if not petition.four_eyes or request.method != "GET":
        return
    missing = kinds_without_a_second(petition.pk)
    if missing:
        sentence = gettext("Nobody could agree to these acts, since fewer than two accounts have the right: %(acts)s.")
        messages.warning(request, sentence % {"acts": "; ".join(str(kind.label) for kind in missing)})
