#!/bin/sh
# Writes .env beside compose.yaml: the passwords of the database's roles. One that is there already stays.
set -eu
cd "$(dirname "$0")"
umask 077
if [ -e .env ]; then
    echo ".env is there already; a database keeps the passwords that it was made with." >&2
    exit 1
fi
for name in POSTGRES_PASSWORD OWNER_PASSWORD SERVING_PASSWORD; do
    echo "$name=$(openssl rand -hex 24)"
done >.env
