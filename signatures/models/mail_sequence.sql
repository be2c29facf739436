-- The table is UNLOGGED, and PostgreSQL made its sequence so, too. A standby that takes over finds such a sequence empty
-- ("bad magic number in sequence", seen on 15.18): no mail would be sent from then on. It holds numbers of rows alone.
ALTER SEQUENCE signatures_mailcount_id_seq SET LOGGED;

-- reverse

ALTER SEQUENCE signatures_mailcount_id_seq SET UNLOGGED;
