#!/bin/sh
# Run by the image of PostgreSQL when the database is new: two roles, and a database that knows the case of every alphabet.
# petition_owner owns it and migrates; petition serves and owns nothing, so that whoever takes the site cannot switch off the
# triggers that freeze the audit log. What petition may do with each table is granted by migrate.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set owner_password="$OWNER_PASSWORD" --set serving_password="$SERVING_PASSWORD" <<'SQL'
CREATE ROLE petition_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE petition LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'serving_password';
CREATE DATABASE petition OWNER petition_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE petition FROM PUBLIC;
GRANT CONNECT ON DATABASE petition TO petition;
\connect petition
ALTER SCHEMA public OWNER TO petition_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO petition;
-- The site has no large objects; in one somebody could keep what nothing erases.
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea),
    lo_import(text), lo_import(text, oid) FROM PUBLIC, petition;
SQL
