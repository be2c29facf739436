"""Runs a management command in the environment of the site started by ``make run``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import psycopg2

from tryout.run import DATABASE, ROOT, Place, environment
from tryout.secrets_file import POSTGRES_SECRET, load_secrets
from tryout.start_error import StartError


def command_environment(place: Place) -> dict[str, str]:
    """Return the environment of the running site.

    :raises StartError: if no site is running with this data folder
    """
    kept = place.data / "secrets.env"
    if not kept.exists():
        message = f"No site has been started on {place.data} yet: make run does it, and DATA_DIR says where."
        raise StartError(message)
    secrets = load_secrets(kept)
    postgres_secret = secrets.pop(POSTGRES_SECRET)
    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url:
        from tryout.embedded import EmbeddedPostgres  # noqa: PLC0415 - imported only if needed

        database_url = EmbeddedPostgres(place.data, postgres_secret).url(DATABASE)
        try:
            psycopg2.connect(database_url).close()
        except psycopg2.OperationalError as error:
            message = f"The site on {place.data} does not run: start it with make run, and try again beside it."
            raise StartError(message) from error
    return environment(place, secrets, database_url)


def main(words: Sequence[str]) -> None:
    """Replace this process by the management command, or exit with an error."""
    try:
        env = command_environment(Place.from_environment())
    except (StartError, OSError) as error:
        sys.exit(f"error: {error}")
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *words], env)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
