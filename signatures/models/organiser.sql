-- PostgreSQL would keep samples of organisers' sessions for longer than these.
ALTER TABLE django_session
    ALTER COLUMN session_key SET STATISTICS 0,
    ALTER COLUMN session_data SET STATISTICS 0;

-- reverse

ALTER TABLE django_session
    ALTER COLUMN session_data SET STATISTICS -1,
    ALTER COLUMN session_key SET STATISTICS -1;
