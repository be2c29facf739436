"""All checks of the doctor, in the order in which a reader wants them."""

from __future__ import annotations

from dataclasses import dataclass

from signatures.doctor.accounts import check_accounts
from signatures.doctor.clock import check_clock
from signatures.doctor.database import (
    check_connections,
    check_database,
    check_pooler,
    check_settings_of_database,
)
from signatures.doctor.disk import check_disk, check_machine
from signatures.doctor.findings import Check
from signatures.doctor.front import check_front
from signatures.doctor.mail import check_bounces, check_mail_server
from signatures.doctor.mail_records import check_mail_records
from signatures.doctor.roles import check_roles
from signatures.doctor.schema import check_schema
from signatures.doctor.secrets import check_secrets
from signatures.doctor.site_settings import check_host_name, check_site_settings
from signatures.doctor.static_files import check_static_files
from signatures.doctor.work import check_audit_log, check_backups, check_count, check_workers


@dataclass(frozen=True)
class Named:
    """A check by its name.

    :param needs_network: whether it speaks with anything but the database
    """

    name: str
    check: Check
    needs_network: bool = False


CHECKS = (
    Named("database", check_database),
    Named("settings", check_site_settings),
    Named("schema", check_schema),
    Named("secrets", check_secrets),
    Named("postgres-settings", check_settings_of_database),
    Named("connections", check_connections),
    Named("pooler", check_pooler),
    Named("roles", check_roles),
    Named("static", check_static_files),
    Named("front", check_front, needs_network=True),
    Named("host-name", check_host_name),
    Named("mail", check_mail_server, needs_network=True),
    Named("mail-records", check_mail_records, needs_network=True),
    Named("bounces", check_bounces, needs_network=True),
    Named("workers", check_workers),
    Named("count", check_count),
    Named("audit-log", check_audit_log),
    Named("backups", check_backups),
    Named("accounts", check_accounts),
    Named("clock", check_clock),
    Named("disk", check_disk),
    Named("machine", check_machine),
)
