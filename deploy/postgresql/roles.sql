-- Makes the two roles of the site and its database; may be run again, and over a site that had one role until now:
--
--     sudo -u postgres psql --no-psqlrc --file deploy/postgresql/roles.sql
--
-- petition_owner owns the database and its tables, migrates, and rewrites what something was erased in. petition serves:
-- web, worker and commands. It owns nothing, so that whoever takes them cannot switch off the triggers that freeze the
-- audit log. Neither has a password: pg_ident.conf beside this says who may log in as whom. What petition may do with each
-- table is granted by migrate.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['petition_owner', 'petition']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE petition_owner NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE petition NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Settings go with a role into each of its sessions, such as one that switches triggers off.
ALTER ROLE petition RESET ALL;
-- A role that is a member of another may become it.
SELECT format('REVOKE %I FROM %I', granted.rolname, member.rolname)
FROM pg_auth_members JOIN pg_roles AS granted ON granted.oid = roleid JOIN pg_roles AS member ON member.oid = member
WHERE member.rolname = 'petition' \gexec

-- A locale that knows the case of every alphabet.
SELECT CASE WHEN :SERVER_VERSION_NUM >= 170000 THEN $$LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'$$ ELSE '' END AS builtin
\gset
SELECT $$CREATE DATABASE petition OWNER petition_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' $$ || :'builtin'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'petition') \gexec
ALTER DATABASE petition OWNER TO petition_owner;
-- TEMPORARY among others: a table of somebody's own, for one session, could stand in the place of one that a trigger reads.
REVOKE ALL ON DATABASE petition FROM PUBLIC;
GRANT CONNECT ON DATABASE petition TO petition;
ALTER ROLE petition IN DATABASE petition RESET ALL;

\connect petition
SET client_min_messages = warning;
-- What one role made that was both. The right to make tables in public is the owner's, in databases of older servers, too.
REASSIGN OWNED BY petition TO petition_owner;
ALTER SCHEMA public OWNER TO petition_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO petition;
-- The site has no large objects; in one somebody could keep what nothing erases.
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea),
    lo_import(text), lo_import(text, oid) FROM PUBLIC, petition;
