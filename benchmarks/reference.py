"""The references: a bare Django view that says hello, and one that does one INSERT and commits."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from petition_site.env import Reader

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {**Reader().env.db("DATABASE_URL"), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}},
    MIDDLEWARE=[],
)


def hello(request: HttpRequest) -> HttpResponse:
    """Say hello."""
    return HttpResponse("hello", headers={"Content-Length": "5"})


def insert(request: HttpRequest) -> HttpResponse:
    """Store one row."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO benchmark_reference (value) VALUES (%s)", [request.POST.get("email", "")])
    return HttpResponse("stored", headers={"Content-Length": "6"})


urlpatterns = [path("hello", hello), path("insert", insert)]
django.setup()
application = get_wsgi_application()
