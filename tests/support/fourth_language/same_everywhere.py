"""What a site with an additional language shows in every language as it is."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from signatures.collecting.renewing import readable
from signatures.languages import Language, name_of
from signatures.models import AuditEntry, Bundle, Delivery, Organiser, Petition, Signature, Update
from signatures.safeguarding.countries import country_names
from tests.support.every_route import BOUNCE
from tests.support.fourth_language.adding import CODE
from tests.support.fourth_language.before import RUSSIAN
from tests.support.hand_overs import checklist

FIRST = "belarus-political-prisoners"
LEAD = "Alena Lead"
# Columns of the first hand-over, which was in English.
ENGLISH_COLUMNS = "number, name, country_code, country, signed_on, language, text_version"
SHARED_AT = ("Telegram", "WhatsApp", "Viber", "Facebook", "X (Twitter)", "VK")
# Names of those who signed before.
IN_LATIN_LETTERS = ("Ales Pushkin", "Ania Ulashenka")


def same_in_all_languages() -> Iterator[str | None]:
    """Yield names, what organisers typed, and brand names."""
    yield from country_names(CODE).values()
    yield from (name_of(code) for code in Language.values)
    yield from SHARED_AT
    yield from Organiser.objects.values_list("username", flat=True)
    yield from AuditEntry.objects.values_list("reason", flat=True)
    yield from AuditEntry.objects.values_list("details__file", flat=True)
    for said in Signature.objects.values_list("name", "reason"):
        yield from said
    # Titles of petitions that have not been translated into the language.
    yield from Petition.objects.filter(slug=RUSSIAN).values_list("title_ru", flat=True)
    yield from Petition.objects.exclude(slug__in=(FIRST, RUSSIAN)).values_list("title_en", flat=True)
    yield from Update.objects.values_list("title_en", flat=True)
    yield from (readable(bundle.label_encrypted) for bundle in Bundle.objects.all())
    yield urlsplit(settings.SITE_ORIGIN).netloc
    yield from (*IN_LATIN_LETTERS, FIRST, RUSSIAN, LEAD, ENGLISH_COLUMNS, str(BOUNCE["provider"]))
    yield from checklist(Delivery.objects.earliest("pk").recipient)["reason"].split()
