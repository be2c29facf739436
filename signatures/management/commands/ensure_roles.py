"""Creates the roles of the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission

from signatures.management.site_command import SiteCommand

# No role deletes petitions as rows of a list: a draft that was never public is deleted by whoever may publish it.
WRITING = {
    *(f"{action}_petition" for action in ("add", "change", "view")),
    *(f"{action}_recipient" for action in ("add", "change", "view")),
    *(f"{action}_update" for action in ("add", "change", "view")),
}
ROLES: dict[str, set[str]] = {
    # Everything, accounts included.
    "Administrators": {
        "publish_petition",
        "export_signatures",
        "hand_over_list",
        "purge_petition",
        "moderate_signatures",
        "erase_signature",
        "enter_signatures",
        "view_delivery",
        "view_signature",
        "view_auditentry",
        "view_bouncecount",
        "use_switches",
        "view_textversion",
        *WRITING,
        "delete_recipient",
        # Accounts are closed, never deleted.
        *(f"{action}_organiser" for action in ("add", "change", "view")),
    },
    # Runs the campaign: text, recipients, list and hand-over.
    "Organisers": {
        "publish_petition",
        "export_signatures",
        "hand_over_list",
        "moderate_signatures",
        "erase_signature",
        "enter_signatures",
        "view_delivery",
        "view_signature",
        "view_textversion",
        *WRITING,
        "delete_recipient",
    },
    # Keeps the list clean, and can export nothing.
    "Moderators": {"moderate_signatures", "view_petition", "view_recipient", "view_signature", "view_textversion"},
    # Writes texts, and sees no signers.
    "Editors": {"view_textversion", *WRITING},
    # Types what stands on paper, and sees no list.
    "Typists": {"enter_signatures", "view_petition", "view_textversion"},
    # Sees who did what, and no signers.
    "Auditors": {
        "view_petition",
        "view_recipient",
        "view_textversion",
        "view_update",
        "view_auditentry",
        "view_delivery",
    },
}


class Command(SiteCommand):
    """Creates the groups of the admin and resets the permissions of each to those of its role; idempotent."""

    help = "Make the roles of the admin and give each its permissions; safe to run at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create or update every group."""
        for name, codenames in ROLES.items():
            group, _ = Group.objects.get_or_create(name=name)
            permissions = Permission.objects.filter(content_type__app_label="signatures", codename__in=codenames)
            group.permissions.set(permissions)
            missing = codenames - set(permissions.values_list("codename", flat=True))
            if missing:
                self.stderr.write(f"{name}: no such permission: {', '.join(sorted(missing))}")
        self.stdout.write(f"roles: {len(ROLES)}")
