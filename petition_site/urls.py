"""The URLs of the site, a public contract."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, register_converter

from signatures.admin.no_alerts_page import no_alerts
from signatures.languages import site_languages
from signatures.models.packing import MANIFEST, PUBLIC_KEY, SIGNATURE
from signatures.operating.views import metrics
from signatures.publishing import (
    api,
    crawlers,
    feeds,
    header_pictures,
    health,
    ledger_pages,
    logo,
    mirrors,
    news,
    sharing,
    signers,
    sitemaps,
    text_versions,
)
from signatures.publishing import views as publishing
from signatures.signing import confirming_views as confirming
from signatures.signing import my_signature_views as my_signature
from signatures.signing import news_views
from signatures.signing import views as signing


class LanguageConverter:
    """Matches the language codes of the site, as strings."""

    regex = "|".join(site_languages())

    def to_python(self, value: str) -> str:
        """Return the language."""
        return value

    def to_url(self, value: str) -> str:
        """Return the language."""
        return value


class NumberConverter:
    """Matches a positive integer without leading zeros: caches would store other spellings as separate pages."""

    regex = "[1-9][0-9]*"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return its digits."""
        return str(value)


register_converter(LanguageConverter, "lang")
register_converter(NumberConverter, "number")

of_petition: list[URLPattern | URLResolver] = [
    path("", signing.petition, name="petition"),
    path("sent/", signing.sent, name="sent"),
    path("thanks/", signing.thanks, name="thanks"),
    path("my-signature/", my_signature.my_signature_request, name="my_signature_request"),
    path("news-by-mail/", news_views.news_by_mail, name="news_by_mail"),
    path("deliveries/", publishing.deliveries, name="deliveries"),
    *(
        path(f"deliveries/<number:number>/{name}", publishing.delivery_proof, {"name": name}, name=f"delivery_{view}")
        for view, name in (("manifest", MANIFEST), ("signature", SIGNATURE), ("public_key", PUBLIC_KEY))
    ),
    path("updates/", news.updates, name="updates"),
    path("feed.atom", feeds.feed, name="feed"),
    path("signers/", signers.signers, name="signers"),
    path("ledger/", ledger_pages.ledger, name="ledger"),
    path("ledger.json", ledger_pages.ledger_json, name="ledger_json"),
    path("text/<number:number>/", text_versions.text_version, name="text_version"),
    path("card.png", sharing.card, name="card"),
    path("qr.png", sharing.qr, name="qr"),
    path("badge.png", sharing.badge, name="badge"),
]
of_language: list[URLPattern | URLResolver] = [
    path("", publishing.petition_list, name="petition_list"),
    path("page/1/", publishing.first_list_page, name="first_list_page"),
    path("page/<number:number>/", publishing.petition_list, name="petition_list_page"),
    path("petitions/<slug:slug>/", include(of_petition)),
    path("confirm/", confirming.confirm_entry, name="confirm_entry"),
    path("confirm/<path:code>/", confirming.confirm, name="confirm"),
    path("my-signature/<path:token>/", my_signature.my_signature, name="my_signature"),
    path("no-mail/<path:token>/", my_signature.no_mail, name="no_mail"),
    path("no-alerts/<path:token>/", no_alerts, name="no_alerts"),
    path("news-by-mail/<path:token>/", news_views.confirm_news, name="confirm_news"),
    path("no-news/<path:token>/", news_views.no_news, name="no_news"),
    path("privacy/", publishing.privacy, name="privacy"),
    path("accessibility/", publishing.accessibility, name="accessibility"),
]
urlpatterns = [
    path("", publishing.home, name="home"),
    path("<lang:language>/", include(of_language)),
    path("api/petitions/<slug:slug>.json", api.petition_json, name="api"),
    path("api/petitions/<slug:slug>.csv", api.days_csv, name="api_days"),
    path("logo/<str:digest>", logo.logo, name="logo"),
    path("picture/<str:digest>/<str:size>.webp", header_pictures.picture, name="picture"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path(".well-known/security.txt", crawlers.security, name="security"),
    path(".well-known/mirrors.txt", mirrors.mirrors, name="mirrors"),
    path(".well-known/mirrors.sig", mirrors.mirrors_signature, name="mirrors_signature"),
    path(".well-known/mirrors.pem", mirrors.mirrors_key, name="mirrors_key"),
    path("-/live", health.live, name="live"),
    path("-/ready", health.ready, name="ready"),
    path("-/metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]

handler400 = "petition_site.errors.bad_request"
handler403 = "petition_site.errors.permission_denied"
handler404 = "petition_site.errors.page_not_found"
handler500 = "petition_site.errors.server_error"
