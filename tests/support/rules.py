"""Makes rules at the desk, and lets the worker carry them out."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import Batch, Petition, Signature
from signatures.moderating.batch_steps import make_step
from tests.support import factories

FAKES_DOMAIN = "botnet.example"
BEFORE = ("pk", "state", "state_reason", "ever_counted", "name_review")


def make_crowd(petition: Petition, *, fakes: int, honest: int) -> None:
    """Store fakes of one mail domain among honest signers of as many other domains."""
    for number in range(max(fakes, honest)):
        mailbox = next(factories.NUMBERS)
        if number < honest:
            factories.make_signature(petition, address=f"a@honest-{mailbox}.example", visibility="PUBLIC")
        if number < fakes:
            factories.make_signature(petition, address=f"{mailbox}@{FAKES_DOMAIN}", visibility="PUBLIC")


def a_fake(petition: Petition) -> Signature:
    """Return one of the fakes."""
    key = factories.domain_key(petition, FAKES_DOMAIN)
    return Signature.objects.filter(petition=petition, domain_key=key).latest("pk")


def as_they_are(petition: Petition) -> list[tuple[Any, ...]]:
    """Return what a rule may change of each signature."""
    return list(Signature.objects.filter(petition=petition).order_by("pk").values_list(*BEFORE))


def new_path(petition: Petition) -> str:
    """Return the path of the form of a new rule."""
    return reverse("admin:petition_rule", args=[petition.pk])


def rules_path(petition: Petition) -> str:
    """Return the address of the rules of a petition."""
    return reverse("admin:petition_rules", args=[petition.pk])


def path_of(batch: Batch) -> str:
    """Return the path of a rule's page."""
    return reverse("admin:petition_batch", args=[batch.petition_id, batch.pk])


def preview(client: Client, petition: Petition, **conditions: str) -> Batch:
    """Fill in the form of a rule, and return the rule."""
    answer = client.post(new_path(petition), conditions)
    assert answer.status_code == 302, answer.content.decode()
    batch = Batch.objects.latest("pk")
    assert answer["Location"] == path_of(batch)
    return batch


def press(client: Client, batch: Batch, button: str, **values: str) -> HttpResponse:
    """Press a button on a rule's page, and return the page that follows."""
    return cast("HttpResponse", client.post(path_of(batch), {"do": button, **values}, follow=True))


def work(steps: int = 1000) -> int:
    """Let the worker make steps until there is nothing to do, at most so many; return how many it made."""
    for made in range(steps):
        if not make_step():
            return made
    return steps
