"""A site with something of everything, or a lot of it, and a valid path for every route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from signatures import tokens
from signatures.approving.actions import ask_second_person
from signatures.approving.gate import Act
from signatures.counting.folding import fold_tallies
from signatures.models import (
    Approval,
    AuditEntry,
    Batch,
    BounceCount,
    Delivery,
    Organiser,
    Petition,
    Picture,
    Sheet,
    Tally,
    Update,
)
from signatures.models.choices import ApprovalKind, PetitionStatus, TallyKind
from signatures.moderating.batches import make_batch
from signatures.safeguarding import keys
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.attacks.routes import Route
from tests.support.database import query
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import recipient_of
from tests.support.news_mails import make_petition_with_news, token_of
from tests.support.people import make_link
from tests.support.photographs import give_picture
from tests.support.releases import release, sign_hidden, sign_publicly
from tests.support.sheets import make_sheets
from tests.support.two_people import EXPORT_ACT

NEWS: Mapping[str, Any] = {
    "title_en": "News",
    "title_ru": "Новости",
    "body_en": "Handed over.",
    "body_ru": "Передано.",
    "published_at": "2011-01-01T00:00Z",
}
BOUNCE = {"day": "2011-01-01", "provider": "gmail.com", "kind": "PERMANENT", "amount": 3}
# What is only there before anything is public.
OF_DRAFTS = {"petition_online", "petition_delete_draft"}


class Site:
    """A site with a petition that has something of everything, and its visitors."""

    def __init__(self, petition: Petition, organiser: Client, code: str) -> None:
        """Store the values for route parameters."""
        self.petition, self.organiser = petition, organiser
        subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
        self.values: dict[str, object] = {
            "language": "en",
            "slug": petition.slug,
            "digest": "0123456789abcdef",
            "size": "wide",
            "name": "qr.svg",
            "page": "fakes",
            "number": 2,
            "code": code,
            "token": tokens.my_signature_token(subject),
            "pk": petition.pk,
            "kind": "app",
            "id": Organiser.objects.latest("pk").pk,
            "app_label": "signatures",
        }

    def path_of(self, route: Route) -> str:
        """Return a path of a route that exists."""
        values = dict(self.values)
        for name, row in (
            ("petition", self.petition),
            ("delivery", Delivery.objects.earliest("pk")),
            ("update", Update.objects.earliest("pk")),
            ("organiser", Organiser.objects.earliest("pk")),
            ("textversion", self.petition.text_versions.earliest("pk")),
            ("auditentry", AuditEntry.objects.earliest("pk")),
            ("signature", self.petition.signatures.earliest("pk")),
            ("bouncecount", BounceCount.objects.earliest("pk")),
        ):
            if f"/signatures/{name}/" in route.pattern:
                values |= {"object_id": row.pk, "pk": row.pk}
        values |= self._of_its_own(route.name)
        return route.pattern.format(**values)

    def _of_its_own(self, name: str) -> dict[str, object]:
        """Return what stands in the path of one route and no other."""
        if name.startswith("delivery_"):
            return {"number": Delivery.objects.earliest("pk").pk}
        if name in OF_DRAFTS:
            draft = Petition.objects.filter(status=PetitionStatus.DRAFT).first()
            return {"pk": (draft or factories.make_petition(publish=False)).pk}
        makes: dict[str, Callable[[], dict[str, object]]] = {
            "no_mail": lambda: {"token": tokens.no_mail_token(keys.mail_key("a@example.org"))},
            "news_by_mail": lambda: {"slug": self._with_news().slug},
            "confirm_news": lambda: {"token": token_of(self._with_news())},
            "no_news": lambda: {"token": tokens.no_news_token(uuid4())},
            "no_alerts": lambda: {"token": tokens.no_alerts_token(uuid4())},
            "set_password": lambda: {"token": make_link(factories.make_organiser("Editors")).split("/")[-2]},
            "approval": lambda: {"pk": Approval.objects.earliest("pk").pk},
            "petition_batch": lambda: {"number": Batch.objects.earliest("pk").pk},
            **dict.fromkeys(
                ("petition_bundle", "petition_bundle_file"), lambda: {"number": self._some_sheet().bundle_id}
            ),
            "petition_sheet": lambda: {"number": self._some_sheet().number},
            "picture": lambda: {"digest": Picture.objects.earliest("pk").digest},
            "second_factor_remove_of": lambda: {"pk": self.values["id"]},
            "petition_list_page": lambda: {"number": 2},
        }
        return makes[name]() if name in makes else {}

    def _some_sheet(self) -> Sheet:
        """Return a sheet of the petition."""
        there = Sheet.objects.filter(petition=self.petition).order_by("pk").first()
        return there or make_sheets(self.petition)[0]

    @staticmethod
    def _with_news() -> Petition:
        """Return a petition whose news anybody can get by mail."""
        return Petition.objects.filter(news_by_mail=True).first() or make_petition_with_news()


def fill(petition: Petition, mailbox: Mailbox, organiser: Client) -> Site:
    """Give a petition something of everything."""
    factories.publish_next(petition)
    sign_publicly(petition, *(f"Signer {number}" for number in range(12)))
    assert release(petition)
    Update.objects.create(petition=petition, **NEWS)
    give_picture(petition)
    BounceCount.objects.create(**BOUNCE)
    make_batch(rule=Batch(petition=petition, country="LT"), actor=Organiser.objects.earliest("pk"))
    ask_for_a_list(petition)
    make_sheets(petition, amount=2)
    grow_older(petition)
    answer(organiser, hand_over(organiser, recipient_of(petition, "Parliament")))
    factories.sign(Client(), petition, email="a@example.org")
    code = code_in(mailbox.deliver()[0])
    return Site(petition, organiser, code)


def ask_for_a_list(petition: Petition) -> None:
    """Let somebody wait for a second person."""
    act = Act(petition.pk, ApprovalKind.EXPORT, EXPORT_ACT | {"recipient": petition.recipients.earliest("pk").pk})
    ask_second_person(act=act, actor=factories.make_organiser("Organisers"))


def let_it_grow(site: Site) -> None:
    """Add many more rows of everything."""
    petition, organiser = site.petition, site.organiser
    for _ in range(60):
        other = factories.make_petition(protection="ORDINARY", erase_on="2100-01-01")
        factories.make_signature(other)
    for days in range(1, 40):
        day = query("SELECT (now() AT TIME ZONE 'UTC')::date - %s", [days])[0][0]
        entry = {"country": "PL", "language": "en", "visibility": "PUBLIC"}
        Tally.objects.create(petition=petition, kind=TallyKind.CONFIRMED, amount=days, day=day, **entry)
    for number in range(5):
        factories.publish_next(petition)
        sign_hidden(petition, 10)
        sign_publicly(petition, *(f"Another {number} {one}" for one in range(30)))
        assert release(petition, timedelta(days=5 - number))
        Update.objects.create(petition=petition, **NEWS)
        grow_older(petition)
        answer(organiser, hand_over(organiser, recipient_of(petition, "Parliament")))
        factories.make_organiser("Editors")
        make_batch(rule=Batch(petition=petition, country="LT"), actor=Organiser.objects.earliest("pk"))
        ask_for_a_list(petition)
        make_sheets(petition, amount=20)
    fold_tallies(all_days=True)
