"""Types something hostile into fields of the desk that stand beside those of a petition."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from signatures.approving.actions import ask_second_person, setting_act
from signatures.models import Petition, Update
from tests.support import desk, factories
from tests.support.attacks.hostile_values import does_nothing, harmless
from tests.support.people import make_link
from tests.support.photographs import give_picture


def type_news(organiser: Client, petition: Petition, payload: str) -> None:
    """Write news, publish it, and fill in the words of a picture."""
    texts = {f"{name}_{language}": payload for name in ("title", "body") for language in desk.LANGUAGES}
    news = {"petition": str(petition.pk), **texts}
    assert desk.save(organiser, "/admin/signatures/update/add/", news).status_code == 302
    news_page = f"/admin/signatures/update/{Update.objects.get().pk}/publish/"
    does_nothing(organiser.post(news_page, {"action": "at", "at": payload}), "time of news")
    assert desk.save(organiser, news_page, {"action": "now"}).status_code == 302
    words = {f"{name}_{language}": payload[:200] for name in ("alt", "caption") for language in desk.LANGUAGES}
    give_picture(petition)
    harmless(organiser.post(f"/admin/signatures/petition/{petition.pk}/picture/", words, follow=True), "picture")


def type_alerts(organiser: Client, payload: str) -> None:
    """Fill in the fields of the page of alerts."""
    for asked in (payload, f"{payload}@gmial.com", f"{payload[:40]} a@gmial.com"):
        alerts = {"action": "save", "email": asked, "email_choice": asked, "kinds": ["MAIL", payload]}
        harmless(organiser.post("/admin/alerts/", alerts), "alerts")
    harmless(organiser.post("/admin/alerts/", {"action": "confirm", "code": payload}), "code of alerts")
    does_nothing(organiser.post("/admin/sessions/", {"end": payload}), "end of a session")
    does_nothing(Client().post("/admin/sessions/", {"end": payload, payload: payload}), "form of an ended session")


def type_factors(organiser: Client, payload: str) -> None:
    """Fill in the fields of second factors."""
    for page in ("", "set-up/", "password/", "codes/"):
        typed = dict.fromkeys(("code", "recovery_code", "name", "password", "next"), payload)
        does_nothing(organiser.post(f"/admin/second-factor/{page}", typed), f"second factor: {page}")


def type_rules(organiser: Client, petition: Petition, payload: str) -> None:
    """Fill in the fields of a rule, and its address."""
    new_rule = reverse("admin:petition_rule", args=[petition.pk])
    harmless(organiser.post(new_rule, {"ids": payload, "name": payload[:100]}), "rule with a mistake")
    harmless(organiser.get(new_rule, {"ids": payload, "name": payload, "like": payload}), "rule by its address")
    harmless(organiser.post(new_rule, {"name": payload[:100]}, follow=True), "rule")


def type_accounts(organiser: Client, petition: Petition, payload: str) -> None:
    """Fill in the fields of the pages of accounts."""
    account = {"username": payload, "language": payload, "where": "site", "reason": payload, "is_superuser": "on"}
    other = factories.make_organiser("Editors")
    for form_at in ("add", f"{other.pk}/change", f"{other.pk}/link", f"{other.pk}/close", f"{other.pk}/open"):
        does_nothing(organiser.post(f"/admin/signatures/organiser/{form_at}/", account, follow=True), form_at)
    people = reverse("admin:petition_people", args=[petition.pk])
    for action in ("invite", "give", "change", "take", payload):
        does_nothing(organiser.post(people, {**account, "action": action, "account": payload, "role": payload}), action)
    does_nothing(organiser.post("/admin/account/", {"language": payload}), "own account")
    another = factories.make_organiser("Editors")
    does_nothing(organiser.post(make_link(another), {"new_password1": payload, "new_password2": payload}), "password")


def type_refusal(organiser: Client, petition: Petition, payload: str) -> None:
    """Refuse a request to a second person."""
    act = setting_act(petition, four_eyes=False, rows=100)
    request = ask_second_person(act=act, actor=factories.make_organiser("Organisers"))
    page = reverse("admin:approval", args=[request.pk])
    harmless(organiser.post(page, {"do": "refuse", "reason": payload[:150]}, follow=True), "refusal")
