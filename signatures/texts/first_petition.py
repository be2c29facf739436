"""Loads the first petition, so that a local start has something to show."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path

from django.db import transaction

from signatures.languages import site_languages
from signatures.models import Petition, Recipient
from signatures.models.choices import PetitionStatus
from signatures.models.protection import Protection
from signatures.texts.digest import TEXT_PARTS
from signatures.texts.publishing import publish_text

FOLDER = Path(__file__).parent / "first_petition"


def load_first_petition() -> Petition | None:
    """Create, publish and open the first petition; return None if any petition exists already."""
    with transaction.atomic():
        if Petition.objects.exists():
            return None
        data = json.loads((FOLDER / "petition.json").read_text(encoding="utf-8"))
        written = list(data["title"])
        languages = [language for language in site_languages() if language in written] or written
        petition = Petition(
            languages=languages,
            slug=data["slug"],
            status=PetitionStatus.OPEN,
            protection=data["protection"],
            opens_at=datetime.combine(date.fromisoformat(data["opens_on"]), time(), tzinfo=UTC),
            goal=data["goal"],
            contact=data["contact"],
            reviews_names=Protection(data["protection"]).rules.looks_at_names,
            countries_first=data["countries_first"],
        )
        for language in languages:
            for field in set(TEXT_PARTS) - {"body"}:
                setattr(petition, f"{field}_{language}", data[field][language])
            setattr(petition, f"body_{language}", (FOLDER / f"{language}.md").read_text(encoding="utf-8"))
        petition.save()
        for position, recipient in enumerate(data["recipients"]):
            Recipient.objects.create(
                petition=petition,
                **{f"name_{language}": recipient[language] for language in languages},
                profile=recipient["profile"],
                position=position,
            )
        publish_text(petition=petition, actor=None)
    return petition
