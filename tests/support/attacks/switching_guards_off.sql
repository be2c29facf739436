-- What somebody tries who holds the login of the role that serves: each is named, and ends at an empty line.
-- :owner is the role that owns the tables, :database the database. What only a superuser could do is tried, too.

-- disable the trigger
ALTER TABLE signatures_auditentry DISABLE TRIGGER append_only;

-- disable every trigger
ALTER TABLE signatures_auditentry DISABLE TRIGGER ALL;

-- disable those of users
ALTER TABLE signatures_textversion DISABLE TRIGGER USER;

-- let it fire on replicas alone
ALTER TABLE signatures_auditentry ENABLE REPLICA TRIGGER append_only;

-- drop the trigger
DROP TRIGGER append_only ON signatures_auditentry;

-- rename the trigger
ALTER TRIGGER append_only ON signatures_auditentry RENAME TO something;

-- replace the trigger
CREATE OR REPLACE TRIGGER append_only BEFORE DELETE ON signatures_auditentry FOR EACH ROW WHEN (false) EXECUTE FUNCTION signatures_refuse_change();

-- add a trigger that fires before
CREATE TRIGGER a BEFORE UPDATE ON signatures_auditentry FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();

-- replace its function
CREATE OR REPLACE FUNCTION signatures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

-- drop its function
DROP FUNCTION signatures_refuse_change() CASCADE;

-- rename its function
ALTER FUNCTION signatures_refuse_change() RENAME TO something;

-- set what its function sees
ALTER FUNCTION signatures_refuse_change() SET session_replication_role = replica;

-- own its function
ALTER FUNCTION signatures_refuse_change() OWNER TO CURRENT_USER;

-- be a replica
SET session_replication_role = replica;

-- be a replica by a function
SELECT set_config('session_replication_role', 'replica', false);

-- be a replica from the next login on
ALTER ROLE CURRENT_USER SET session_replication_role = replica;

-- be a replica in this database
ALTER DATABASE :database SET session_replication_role = replica;

-- be a replica everywhere
ALTER SYSTEM SET session_replication_role = replica;

-- update the catalogue of triggers
UPDATE pg_trigger SET tgenabled = 'D';

-- update the catalogue of functions
UPDATE pg_proc SET prosrc = 'BEGIN RETURN NEW; END';

-- update the catalogue of tables
UPDATE pg_class SET relhastriggers = false;

-- own the table
ALTER TABLE signatures_auditentry OWNER TO CURRENT_USER;

-- become the owner
SET ROLE :owner;

-- log in as the owner
SET SESSION AUTHORIZATION :owner;

-- be made a member of the owner
GRANT :owner TO CURRENT_USER;

-- be made a superuser
ALTER ROLE CURRENT_USER SUPERUSER;

-- set the owner's password
ALTER ROLE :owner PASSWORD 'known';

-- make a role
CREATE ROLE helper SUPERUSER LOGIN;

-- grant oneself rights
GRANT UPDATE ON signatures_auditentry TO CURRENT_USER;
UPDATE signatures_auditentry SET reason = '';

-- be given what the owner owns
REASSIGN OWNED BY :owner TO CURRENT_USER;

-- drop what the owner owns
DROP OWNED BY :owner;

-- own the database
ALTER DATABASE :database OWNER TO CURRENT_USER;

-- empty the table
TRUNCATE signatures_auditentry CASCADE;

-- drop the table
DROP TABLE signatures_auditentry CASCADE;

-- rename it, to make another
ALTER TABLE signatures_auditentry RENAME TO something;

-- move it to another schema
ALTER TABLE signatures_auditentry SET SCHEMA pg_temp;

-- change a column of every row
ALTER TABLE signatures_auditentry ALTER COLUMN reason TYPE text USING 'nothing';

-- drop a column
ALTER TABLE signatures_auditentry DROP COLUMN reason;

-- drop a constraint
ALTER TABLE signatures_textversion DROP CONSTRAINT text_version_digest_of_its_bytes;

-- rewrite statements by a rule
CREATE RULE nothing AS ON INSERT TO signatures_auditentry DO INSTEAD NOTHING;

-- hide rows by a policy
ALTER TABLE signatures_auditentry ENABLE ROW LEVEL SECURITY;

-- run code by an index
CREATE INDEX ON signatures_auditentry (lower(reason));

-- inherit
ALTER TABLE signatures_auditentry INHERIT signatures_tally;

-- set a view before it
CREATE VIEW public.something AS SELECT * FROM signatures_auditentry;

-- set a table before it in another schema
CREATE SCHEMA before_it;

-- set a table before it for this session
CREATE TEMP TABLE signatures_textversion (id bigint, published_at timestamptz);
INSERT INTO pg_temp.signatures_textversion SELECT id, now() FROM public.signatures_textversion;
INSERT INTO signatures_textversionbody (version_id, language, title, summary, body, consent, changes, responsible_body) SELECT id, 'be', 't', 's', 'b', 'c', '{}', 'r' FROM pg_temp.signatures_textversion;

-- make a function
CREATE FUNCTION public.something() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

-- load a library
LOAD '/tmp/library.so';

-- take the language of triggers away
DROP EXTENSION plpgsql CASCADE;

-- write its file by a program
COPY signatures_auditentry TO PROGRAM 'cat';

-- write a file of the server
COPY signatures_auditentry TO '/tmp/petition-attack';

-- read a file of the server
SELECT pg_read_file('postgresql.conf');

-- number entries anew
SELECT setval('signatures_auditentry_id_seq', 1);

-- use numbers up
SELECT nextval('signatures_auditentry_id_seq');

-- keep everybody out
BEGIN;
LOCK TABLE signatures_auditentry IN ACCESS EXCLUSIVE MODE;

-- subscribe to changes of one's own making
CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p;

-- read what was erased from the log of changes
SELECT pg_create_logical_replication_slot('s', 'test_decoding');

-- end the owner's sessions
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ':owner';

-- change rows of signatures_auditentry
UPDATE signatures_auditentry SET reason = reason;

-- change rows of signatures_auditseal
UPDATE signatures_auditseal SET digest = digest;

-- change rows of signatures_packing
UPDATE signatures_packing SET signature = signature;

-- change rows of signatures_release
UPDATE signatures_release SET petition_id = petition_id;

-- change rows of signatures_textversion
UPDATE signatures_textversion SET number = number;

-- change rows of signatures_textversionbody
UPDATE signatures_textversionbody SET title = title;

-- change rows of signatures_textversionrecipient
UPDATE signatures_textversionrecipient SET profile = profile;

-- delete rows of signatures_auditentry
DELETE FROM signatures_auditentry;

-- delete rows of signatures_auditseal
DELETE FROM signatures_auditseal;

-- delete rows of signatures_packing
DELETE FROM signatures_packing;

-- delete rows of signatures_release
DELETE FROM signatures_release;

-- delete rows of signatures_textversion
DELETE FROM signatures_textversion;

-- delete rows of signatures_textversionbody
DELETE FROM signatures_textversionbody;

-- delete rows of signatures_textversionrecipient
DELETE FROM signatures_textversionrecipient;

-- lock rows
SELECT FROM signatures_auditentry FOR UPDATE;

-- change by inserting
INSERT INTO signatures_textversion SELECT * FROM signatures_textversion ON CONFLICT (id) DO UPDATE SET number = 9;

-- change by merging
MERGE INTO signatures_auditentry USING signatures_petition AS p ON true WHEN MATCHED THEN DELETE;

-- say that files are clean
UPDATE signatures_rewrite SET clean_at = now();

-- say that a migration has run
DELETE FROM django_migrations;

-- give a permission
INSERT INTO signatures_organiser_user_permissions (organiser_id, permission_id) SELECT signatures_organiser.id, auth_permission.id FROM signatures_organiser, auth_permission;
