"""What the site is filled with before its pictures are taken."""

from __future__ import annotations

SEED = """
INSERT INTO signatures_signature (petition_id, email_key, domain_key, state, source, visibility, name, country,
    language, text_version_id, reason, reason_approved, ever_counted, first_confirmed_at, current_since,
    last_confirmed_at)
SELECT version.petition_id, sha256(n::text::bytea), sha256('d'), 'CONFIRMED', 'WEB',
    CASE n % 3 WHEN 0 THEN 'PUBLIC' WHEN 1 THEN 'DELIVERED' ELSE 'COUNTED' END,
    CASE WHEN n % 3 < 2 THEN (ARRAY['Алена Шаўчэнка', 'Anna Kowalska', 'Иван Петров', 'Jonas Petraitis'])[1 + n % 4]
    END,
    (ARRAY['BY', 'BY', 'PL', 'LT', 'DE', 'UA', 'SE'])[1 + n % 7], CASE n % 2 WHEN 0 THEN 'ru' ELSE 'en' END,
    version.id,
    CASE n % 9 WHEN 0 THEN 'Мой брат сидит в тюрьме за то, что вышел на площадь.' END, n % 9 = 0, true,
    at, at, at
FROM signatures_textversion AS version, generate_series(1, 314) AS n,
    LATERAL (SELECT now() - make_interval(mins => 30 * n) AS at) AS instants
WHERE version.number = 1;
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT petition_id, signed_on, 'CONFIRMED', '', source, country, language, visibility, count(*)
FROM signatures_signature GROUP BY petition_id, signed_on, source, country, language, visibility;
INSERT INTO signatures_tally (petition_id, day, kind, reason, source, country, language, visibility, amount)
SELECT petition_id, day, 'SUBMITTED', '', source, country, language, visibility, amount * 3 / 2 + 1
FROM signatures_tally WHERE kind = 'CONFIRMED';
INSERT INTO signatures_hourtally (petition_id, hour, kind, amount)
SELECT petition_id, date_trunc('hour', last_confirmed_at, 'UTC'), 'CONFIRMED', count(*)
FROM signatures_signature GROUP BY 1, 2;
-- The release is made beside the worker, which must not make one at the same time, nor another between two pictures.
UPDATE signatures_releaseclock SET look_at = now() + interval '1 day';
"""
RELEASE = """
import django
django.setup()
from django.db import transaction
from signatures.counting.releasing import release_if_enough
from signatures.models import Petition
with transaction.atomic():
    assert release_if_enough(Petition.objects.get())
"""
NEWS = """
INSERT INTO signatures_update (petition_id, title, title_en, title_ru, body, body_en, body_ru, published_at)
SELECT id, news.title_en, news.title_en, news.title_ru, text_en, text_en, text_ru, now() - make_interval(days => n)
FROM signatures_petition, (VALUES
    (9, 'A hundred signatures in a day', 'Сто подписей за день', 'Thank you. **The count** is checked every night.',
        'Спасибо. **Подсчёт** проверяется каждую ночь.'),
    (2, 'The committee has put us on its agenda', 'Комитет включил нас в повестку дня',
        'The sitting is on 12 December.\n\n- Bring the list.\n- Bring two witnesses.',
        'Заседание 12 декабря.\n\n- Взять список.\n- Позвать двух свидетелей.')
) AS news (n, title_en, title_ru, text_en, text_ru);
"""
NEW_TEXT = """
UPDATE signatures_petition SET body_en = body_en || E'\\n\\nWe will not forget them.',
    body_ru = body_ru || E'\\n\\nМы их не забудем.';
"""
PUBLISH = """
import django
django.setup()
from signatures.models import Petition
from signatures.texts.publishing import publish_text
publish_text(petition=Petition.objects.get(), actor=None)
"""
RENDER = """
import django, json, sys
django.setup()
from django.test import RequestFactory
from django.urls import resolve
from django.utils.translation import override
from petition_site.errors import error_page
from petition_site.kept_form import kept_fields
typed = {"visibility": "PUBLIC", "name": "Аня Ўлашэнка", "email": "anya@example.org", "country": "PL", "consent": "on"}
pages = {}
for language in ("en", "ru"):
    request = RequestFactory().post(f"/{language}/petitions/any/", typed)
    request.resolver_match = resolve(request.path)
    with override(language):
        kept = kept_fields(request, language)
    failures = [(str(status), status, {}) for status in (400, 403, 405, 410, 413, 429, 500, 503)]
    failures += [("403-from-another-site", 403, {"cross_site": True}), ("503-form", 503, {"kept_fields": kept})]
    pages[language] = {
        name: error_page(request, status, **more).content.decode() for name, status, more in failures
    }
json.dump(pages, sys.stdout)
"""
