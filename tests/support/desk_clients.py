"""Browsers of accounts with each role, and two petitions with something of everything for them to try."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client

from signatures import auditing
from signatures.approving.actions import ask_second_person, setting_act
from signatures.delivering.preview import latest_cut_off
from signatures.models import Batch, BounceCount, Membership, Organiser, Petition, TotpDevice, Update
from signatures.models.choices import AuditAction
from signatures.moderating.batches import make_batch
from tests.support import factories
from tests.support.desk_addresses import EVERY_ROLE, NO_ROLE, Address
from tests.support.photographs import give_picture
from tests.support.second_factor import give_second_factor
from tests.support.sheets import make_sheets

IN_THE_SITE = tuple(sorted(EVERY_ROLE | {NO_ROLE}))
IN_A_PETITION = ("Organisers", "Moderators", "Editors", "Typists", "Auditors")
Values = dict[str, object]
NOWHERE = 999_999_999
# What is another on each page.
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


@dataclass(frozen=True)
class Holder:
    """Somebody with a role.

    :param is_member: whether it holds in one petition only
    """

    role: str
    is_member: bool = False

    def __str__(self) -> str:
        """Return the role, and where it holds."""
        return f"{self.role or 'superuser'}{' in one petition' if self.is_member else ''}"

    def opens(self, address: Address) -> bool:
        """Return whether they get to read an address of their own petition, or of the site."""
        return self.role in address.opens and not (self.is_member and address.is_of_site)

    def sends(self, address: Address) -> bool:
        """Return whether a form of theirs is taken there."""
        return self.role in address.sends and not (self.is_member and address.is_of_site)

    @property
    def knows_all(self) -> bool:
        """Return whether they may see every petition."""
        return not self.is_member and self.role != NO_ROLE


HOLDERS = [*map(Holder, IN_THE_SITE), *(Holder(role, is_member=True) for role in IN_A_PETITION)]


def make_member(role: str, *petitions: Petition) -> Organiser:
    """Return somebody without a role in the whole site, but in petitions."""
    organiser = factories.make_organiser("Auditors")
    organiser.groups.clear()
    for petition in petitions:
        Membership.objects.create(organiser=organiser, petition=petition, role=Group.objects.get(name=role))
    return organiser


def account_of(holder: Holder, own: Petition) -> Organiser:
    """Return an account with a role."""
    if holder.is_member:
        return make_member(holder.role, own, *Petition.objects.filter(slug=f"{own.slug}-draft"))
    return make_member("") if holder.role == NO_ROLE else factories.make_organiser(holder.role)


def client_of(organiser: Organiser, *, with_factor: bool = True) -> Client:
    """Return a browser that is logged in, with the token of the desk's forms."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(organiser)
    if with_factor:
        give_second_factor(client, organiser)
    client.get("/admin/password_change/" if with_factor else "/admin/second-factor/set-up/")
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["csrf"].value
    return client


def rows_of(petition: Petition) -> Values:
    """Make something of everything in a petition, and return what stands in the addresses of it."""
    signature = factories.make_signature(petition)
    # The test's transaction may have begun before this minute.
    cut_off = latest_cut_off() - timedelta(minutes=1)
    entry = auditing.record(actor=None, action=AuditAction.PETITION_CHANGED, petition=petition, target=petition.pk)
    give_picture(petition)
    (sheet,) = make_sheets(petition)
    return {
        "petition": petition.pk,
        "draft": factories.make_petition(publish=False, slug=f"{petition.slug}-draft").pk,
        "approval": ask_second_person(
            act=setting_act(petition, four_eyes=False, rows=100), actor=factories.make_organiser("Organisers")
        ).pk,
        "signature": signature.pk,
        "batch": make_batch(rule=Batch(petition=petition), actor=factories.make_organiser("Moderators")).pk,
        "version": signature.text_version_id,
        "delivery": factories.make_delivery(petition, cut_off=cut_off).pk,
        "update": Update.objects.create(petition=petition, title_en="A headline").pk,
        "entry": entry.pk,
        "bundle": sheet.bundle_id,
        "sheet": sheet.number,
        **rows_of_site(),
    }


def rows_of_site() -> Values:
    """Make what belongs to no petition, and return what stands in the addresses of it."""
    account = factories.make_organiser("Editors")
    TotpDevice.objects.create(user=account, name="app", secret=b"")
    bounces, _ = BounceCount.objects.get_or_create(provider="gmail.com", kind="PERMANENT", defaults={"amount": 1})
    return {
        "organiser": account.pk,
        "bounces": bounces.pk,
        "language": "en",
        "page": "fakes",
        "size": "wide",
        "name": "qr.svg",
        "app_label": "signatures",
    }


def nowhere(values: Values) -> Values:
    """Return the same with numbers that do not exist."""
    return {name: NOWHERE if isinstance(value, int) else value for name, value in values.items()}


def said(answer: HttpResponse | Any, path: str) -> tuple[int, str, str, str]:
    """Return all that an answer tells, but for the address that was asked for."""
    content = "" if answer.streaming else TOKEN.sub("", answer.content.decode())
    kind, leads_to = answer.headers.get("Content-Type", ""), answer.headers.get("Location", "")
    return answer.status_code, kind, leads_to.replace(path, "…"), content.replace(path, "…")
