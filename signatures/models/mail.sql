-- UNLOGGED: no key of it is in the write-ahead log, in a base backup or on a replica, where it would stand beside the keys
-- that were written in the same moment. A crash empties the table.
ALTER TABLE signatures_mailcount SET UNLOGGED;

-- PostgreSQL would keep samples of keys and of encrypted addresses for longer than the mails that they were taken of.
-- Nothing is planned by them: where one is looked for, an index says that there is one.
ALTER TABLE signatures_mailcount ALTER COLUMN key SET STATISTICS 0;
ALTER TABLE signatures_suppression ALTER COLUMN mail_key SET STATISTICS 0;
ALTER TABLE signatures_outgoingmail
    ALTER COLUMN address_encrypted SET STATISTICS 0,
    ALTER COLUMN secret_encrypted SET STATISTICS 0,
    ALTER COLUMN email_keys SET STATISTICS 0,
    ALTER COLUMN message_id SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_outgoingmail
    ALTER COLUMN message_id SET STATISTICS -1,
    ALTER COLUMN email_keys SET STATISTICS -1,
    ALTER COLUMN secret_encrypted SET STATISTICS -1,
    ALTER COLUMN address_encrypted SET STATISTICS -1;
ALTER TABLE signatures_suppression ALTER COLUMN mail_key SET STATISTICS -1;
ALTER TABLE signatures_mailcount ALTER COLUMN key SET STATISTICS -1;
ALTER TABLE signatures_mailcount SET LOGGED;
