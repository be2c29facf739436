"""What to do with a new petition, step by step, until people can sign it: the checklist in short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from signatures.admin.checklist import checklist
from signatures.models.rights import may

if TYPE_CHECKING:
    from signatures.models import Organiser, Petition


@dataclass(frozen=True)
class Step:
    """One of them.

    :param url: the checklist, or "" if this organiser may not write
    :param is_next: whether it is the first that is not done
    """

    text: str
    hint: str
    url: str
    is_done: bool
    is_next: bool


def first_steps(petition: Petition, organiser: Organiser) -> list[Step]:
    """Return the steps in order.

    :param petition: with its recipients prefetched
    """
    parts = checklist(petition, list(petition.recipients.all()), frozen=None)
    may_write = may(organiser, "change_petition", petition.pk)
    url = reverse("admin:petition_online", args=[petition.pk]) if may_write else ""
    following = next((number for number, part in enumerate(parts) if not part.is_done), len(parts))
    return [
        Step(part.title, part.hint, url, part.is_done, is_next=number == following) for number, part in enumerate(parts)
    ]
