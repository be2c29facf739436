"""The page of metrics."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from signatures.operating.exposition import CONTENT_TYPE, exposition
from signatures.operating.metrics import all_metrics
from signatures.publishing.health import bears_token
from signatures.safeguarding.public_guards import reading_only


@reading_only
@cache_control(no_store=True)
def metrics(request: HttpRequest) -> HttpResponse:
    """Return metrics in Prometheus' text format to clients with the bearer token from the settings.

    :raises Http404: for all other clients
    """
    if not bears_token(request):
        raise Http404
    return HttpResponse(exposition(all_metrics()), content_type=CONTENT_TYPE)
