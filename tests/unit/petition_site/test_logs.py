"""The log contains routes, statuses, types and frames, and nothing that a visitor sent."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from petition_site.server.logs import REQUEST_LOGGERS, RouteOnlyFilter, TypeOnlyFormatter

SECRET = "Zyzzyva-7QK2"


def written(record: logging.LogRecord) -> str:
    """Return the line that the console would show for a record."""
    RouteOnlyFilter().filter(record)
    return TypeOnlyFormatter("{levelname} {name} {message}", style="{").format(record)


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """Return everything that the site's log handler writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TypeOnlyFormatter("{levelname} {name} {message}", style="{"))
    handler.addFilter(RouteOnlyFilter())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@given(st.sampled_from(REQUEST_LOGGERS), st.text(), st.text())
def test_the_text_of_a_message_about_a_request_is_dropped(name: str, message: str, argument: str) -> None:
    record = logging.LogRecord(f"{name}.x", logging.WARNING, "file", 1, message + SECRET, (argument + SECRET,), None)
    assert written(record) == f"WARNING {name}.x - no route"


def test_other_messages_pass_unchanged() -> None:
    record = logging.LogRecord("signatures.worker", logging.INFO, "file", 1, "sent %d", (3,), None)
    assert written(record) == "INFO signatures.worker sent 3"


def test_an_unknown_path_is_logged_without_it(client: Client, console: io.StringIO) -> None:
    client.get(f"/{SECRET}?q={SECRET}", headers={"referer": f"https://{SECRET}.example"})
    assert SECRET not in console.getvalue()
    assert "404 no route" in console.getvalue()


def test_a_wrong_host_is_one_line_of_warning_without_it(client: Client, console: io.StringIO) -> None:
    assert client.get(f"/en/{SECRET}/", headers={"host": f"{SECRET}.example"}).status_code == 400
    assert SECRET.lower() not in console.getvalue().lower()
    assert console.getvalue().splitlines()[0] == "WARNING django.security.DisallowedHost 400 no route"
    assert "File" not in console.getvalue()


def test_a_form_from_another_site_is_logged_by_its_route(console: io.StringIO) -> None:
    path, headers = f"/en/confirm/{SECRET}/", {"origin": f"https://{SECRET}.example"}
    assert Client(enforce_csrf_checks=True).post(path, headers=headers).status_code == 403
    assert SECRET.lower() not in console.getvalue().lower()
    assert "403 confirm" in console.getvalue()


def test_an_exception_is_logged_with_its_causes_by_type_and_frames(console: io.StringIO) -> None:
    try:
        try:
            int(f"{SECRET}")
        except ValueError as error:
            raise LookupError(SECRET) from error
    except LookupError:
        logging.getLogger("signatures").exception("failed")
    text = console.getvalue()
    assert SECRET not in text
    assert "builtins.LookupError" in text
    assert "caused by" in text
    assert "builtins.ValueError" in text
    assert "test_logs.py" in text


def test_an_exception_during_handling_of_another_is_logged_with_both(console: io.StringIO) -> None:
    try:
        try:
            {"": 0}[SECRET]
        except KeyError:
            raise RuntimeError(SECRET)  # noqa: B904 - the case that is tested
    except RuntimeError:
        logging.getLogger("signatures").exception("failed")
    assert SECRET not in console.getvalue()
    assert "builtins.KeyError" in console.getvalue()


def test_cyclic_causes_terminate(console: io.StringIO) -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("signatures").error("failed", exc_info=first)
    assert console.getvalue().count("builtins.ValueError") == 1
    assert SECRET not in console.getvalue()


def test_the_site_puts_filter_and_formatter_on_its_only_handler() -> None:
    (handler,) = settings.LOGGING["handlers"].values()
    assert handler["filters"] == ["no_personal_data"]
    assert settings.LOGGING["formatters"][handler["formatter"]]["()"] == "petition_site.server.logs.TypeOnlyFormatter"
    assert settings.LOGGING["loggers"]["django"]["handlers"] == []
