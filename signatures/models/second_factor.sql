-- PostgreSQL would keep samples of what second factors are known by for longer than these.
ALTER TABLE signatures_totpdevice ALTER COLUMN secret SET STATISTICS 0;
ALTER TABLE signatures_recoverycode ALTER COLUMN code_hash SET STATISTICS 0;
ALTER TABLE django_otp_webauthn_webauthncredential
    ALTER COLUMN credential_id SET STATISTICS 0,
    ALTER COLUMN credential_id_sha256 SET STATISTICS 0,
    ALTER COLUMN public_key SET STATISTICS 0;
ALTER TABLE django_otp_webauthn_webauthnattestation
    ALTER COLUMN data SET STATISTICS 0,
    ALTER COLUMN client_data_json SET STATISTICS 0;

-- reverse

ALTER TABLE django_otp_webauthn_webauthnattestation
    ALTER COLUMN client_data_json SET STATISTICS -1,
    ALTER COLUMN data SET STATISTICS -1;
ALTER TABLE django_otp_webauthn_webauthncredential
    ALTER COLUMN public_key SET STATISTICS -1,
    ALTER COLUMN credential_id_sha256 SET STATISTICS -1,
    ALTER COLUMN credential_id SET STATISTICS -1;
ALTER TABLE signatures_recoverycode ALTER COLUMN code_hash SET STATISTICS -1;
ALTER TABLE signatures_totpdevice ALTER COLUMN secret SET STATISTICS -1;
