"""A site with something of everything, or a lot of it, and a valid path for every route."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from signatures import tokens
from signatures.counting.folding import fold_tallies
from signatures.models import AuditEntry, Batch, BounceCount, Delivery, Organiser, Petition, Tally, Update
from signatures.models.choices import TallyKind
from signatures.moderating.batches import make_batch
from signatures.safeguarding import keys
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.attacks.routes import Route
from tests.support.database import query
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import recipient_of
from tests.support.releases import release, sign_hidden, sign_publicly

NEWS: Mapping[str, Any] = {
    "title_en": "News",
    "title_ru": "Новости",
    "body_en": "Handed over.",
    "body_ru": "Передано.",
    "published_at": "2011-01-01T00:00Z",
}
BOUNCE = {"day": "2011-01-01", "provider": "gmail.com", "kind": "PERMANENT", "amount": 3}


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
            "number": 2,
            "code": code,
            "token": tokens.my_signature_token(subject),
            "pk": petition.pk,
            "id": Organiser.objects.latest("pk").pk,
            "app_label": "signatures",
        }

    def path_of(self, route: Route) -> str:
        """Return a path of a route that exists."""
        values = dict(self.values)
        if route.name == "no_mail":
            values["token"] = tokens.no_mail_token(keys.mail_key("a@example.org"))
        if route.name == "no_alerts":
            values["token"] = tokens.no_alerts_token(uuid4())
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
        if route.name == "petition_batch":
            values["number"] = Batch.objects.earliest("pk").pk
        if route.name.startswith("delivery_"):
            values["number"] = Delivery.objects.earliest("pk").pk
        if route.name == "petition_list_page":
            values["number"] = 2
        return route.pattern.format(**values)


def fill(petition: Petition, mailbox: Mailbox, organiser: Client) -> Site:
    """Give a petition something of everything."""
    factories.publish_next(petition)
    sign_publicly(petition, *(f"Signer {number}" for number in range(12)))
    assert release(petition)
    Update.objects.create(petition=petition, **NEWS)
    BounceCount.objects.create(**BOUNCE)
    make_batch(rule=Batch(petition=petition, country="LT"), actor=Organiser.objects.earliest("pk"))
    grow_older(petition)
    answer(organiser, hand_over(organiser, recipient_of(petition, "Parliament")))
    factories.sign(Client(), petition, email="a@example.org")
    code = code_in(mailbox.deliver()[0])
    return Site(petition, organiser, code)


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
    fold_tallies(all_days=True)
