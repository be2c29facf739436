"""What to do with a new petition, step by step, until people can sign it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from signatures.models.choices import PetitionStatus
from signatures.texts.publishing import missing_parts

if TYPE_CHECKING:
    from signatures.models import Organiser, Petition


@dataclass(frozen=True)
class Step:
    """One of them.

    :param url: where it is done, or "" if this organiser may not do it
    :param is_next: whether it is the first that is not done
    """

    text: str
    hint: str
    url: str
    is_done: bool
    is_next: bool


def first_steps(petition: Petition, organiser: Organiser, *, is_published: bool) -> list[Step]:
    """Return the steps in order.

    :param petition: with its recipients prefetched
    """
    recipients = list(petition.recipients.all())
    # A missing recipient is the next step's.
    is_written = len(missing_parts(petition, recipients)) == (0 if recipients else 1)
    may_write = organiser.has_perm("signatures.change_petition")
    may_publish = organiser.has_perm("signatures.publish_petition")
    form = reverse("admin:signatures_petition_change", args=[petition.pk])
    publish = reverse("admin:petition_publish", args=[petition.pk])
    steps = [
        (
            gettext("Write the text"),
            gettext("Title, summary, text and consent in each of its languages, and who is responsible."),
            form if may_write else "",
            is_written,
        ),
        (
            gettext("Choose the recipients"),
            gettext("Who is asked, and whether they are given names or numbers."),
            form if may_write else "",
            bool(recipients),
        ),
        (
            gettext("Publish the text"),
            gettext("You see it as signers will, and what is still missing."),
            publish if may_publish else "",
            is_published,
        ),
        (
            gettext("Open it"),
            gettext("Set the status to open, and the time from which people can sign."),
            form if may_publish and may_write else "",
            petition.status != PetitionStatus.DRAFT,
        ),
    ]
    following = next((number for number, step in enumerate(steps) if not step[-1]), len(steps))
    return [Step(*step, is_next=number == following) for number, step in enumerate(steps)]
