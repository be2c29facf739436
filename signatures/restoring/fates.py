"""What becomes of each table in a backup that is restored; a new table has to be entered here."""

from __future__ import annotations

from enum import Enum, auto


class Fate(Enum):
    """What becomes of a table."""

    # Restored as it was: nothing is ever taken away from it, or nothing that anybody would see.
    KEPT = auto()
    # Not in any backup: it is made anew, and holding it for days would break a promise.
    LEFT_OUT = auto()
    # Whatever was taken away since is noted by triggers, and taken away again.
    NOTED = auto()


KEPT, LEFT_OUT, NOTED = Fate.KEPT, Fate.LEFT_OUT, Fate.NOTED
FATES: dict[str, tuple[Fate, str]] = {
    # Signers
    "signatures_signature": (NOTED, "withdrawn, lowered, changed, held, removed, hidden"),
    "signatures_attempt": (NOTED, "spent by withdrawing, lowering or confirming; noted by these statements"),
    "signatures_removedmark": (NOTED, "made again where a stopped signature was withdrawn; noted with that"),
    "signatures_suppression": (NOTED, "no more mails"),
    "signatures_outgoingmail": (LEFT_OUT, "addresses are stored for 48 hours at most; what waited was sent since"),
    "signatures_mailcount": (LEFT_OUT, "keyed hashes of addresses, for an hour or a day"),
    "signatures_ratelimit": (LEFT_OUT, "keyed hashes of networks, for an hour"),
    # Numbers: rows of the tally are corrected by the rows of what is taken away again
    "signatures_tally": (KEPT, "numbers"),
    "signatures_hourtally": (KEPT, "numbers"),
    "signatures_tallysum": (KEPT, "numbers"),
    "signatures_tallysplit": (KEPT, "numbers"),
    "signatures_milestone": (KEPT, "numbers"),
    "signatures_release": (KEPT, "published, never changed"),
    "signatures_releaseclock": (KEPT, "when to look next"),
    "signatures_movement": (KEPT, "numbers of rows, until the next release"),
    # Campaigns
    "signatures_petition": (NOTED, "closed, archived, erased, deleted as a draft; stricter rules"),
    "signatures_textversion": (KEPT, "published, never changed"),
    "signatures_textversionbody": (KEPT, "published, never changed"),
    "signatures_textversionrecipient": (KEPT, "published, never changed"),
    "signatures_recipient": (NOTED, "given numbers in place of names"),
    "signatures_update": (NOTED, "taken back, changed, deleted"),
    "signatures_newssubscriber": (NOTED, "left"),
    "signatures_newsmailing": (LEFT_OUT, "was mailed since: nobody is mailed the same news twice"),
    "signatures_picture": (NOTED, "replaced or removed"),
    "signatures_leadpetitioner": (NOTED, "changed or removed"),
    "signatures_delivery": (NOTED, "discarded"),
    "signatures_packing": (KEPT, "what left the house is never changed"),
    # Keeping the list clean
    "signatures_batch": (NOTED, "rules that were under way are broken off"),
    "signatures_batchrow": (KEPT, "how signatures were before a rule"),
    "signatures_countedrow": (KEPT, "goes with its rule"),
    "signatures_wave": (KEPT, "erased by age"),
    "signatures_standinghold": (KEPT, "ends by itself; one that has begun since is lost: its mark must not outlive it"),
    # Paper
    "signatures_bundle": (KEPT, "what was printed; goes with its petition's data"),
    "signatures_sheet": (KEPT, "what was entered since is typed again; taken out of the count, by its signatures"),
    "signatures_enteredrow": (KEPT, "numbers of rows, whose signatures are noted"),
    "signatures_typing": (LEFT_OUT, "names that wait for a second person, who may have typed them since"),
    # People
    "signatures_organiser": (NOTED, "closed, made less, another password"),
    "signatures_organiser_groups": (NOTED, "roles taken away"),
    "signatures_organiser_user_permissions": (NOTED, "rights taken away"),
    "signatures_membership": (NOTED, "roles taken away"),
    "signatures_totpdevice": (NOTED, "removed; where one was added, the password ends"),
    "signatures_recoverycode": (NOTED, "used or removed"),
    "django_otp_webauthn_webauthncredential": (NOTED, "removed; where one was added, the password ends"),
    "django_otp_webauthn_webauthnattestation": (KEPT, "goes with its passkey"),
    "django_otp_webauthn_webauthnuserhandle": (KEPT, "a random number"),
    "signatures_accesslink": (LEFT_OUT, "a link that was used or ended must not work again"),
    "signatures_session": (LEFT_OUT, "everybody logs in again"),
    "django_session": (LEFT_OUT, "no longer used"),
    "signatures_alertwish": (NOTED, "ended or changed"),
    "signatures_alertnews": (LEFT_OUT, "was told since"),
    "signatures_switch": (NOTED, "turned on or off"),
    "signatures_approval": (NOTED, "what two people agreed to, or were asked, ends"),
    # The log, and how the site runs
    "signatures_auditentry": (KEPT, "append-only"),
    "signatures_auditseal": (KEPT, "append-only"),
    "signatures_bouncecount": (KEPT, "numbers"),
    "signatures_mailoutcome": (KEPT, "numbers"),
    "signatures_secretmark": (KEPT, "check values of secrets"),
    "signatures_trouble": (LEFT_OUT, "is looked for anew"),
    "signatures_bouncemailbox": (KEPT, "up to which mail it was counted"),
    "signatures_relay": (KEPT, "what the mail server last said"),
    "signatures_workerbeat": (LEFT_OUT, "workers that ran then"),
    "signatures_rewrite": (KEPT, "a restored table holds nothing that was erased before"),
    "signatures_erasure": (LEFT_OUT, "is in the journal"),
    "signatures_journalfolder": (KEPT, "which journals are needed to restore it"),
    "signatures_serving": (LEFT_OUT, "a restored database serves once the journal is applied"),
    "django_admin_log": (KEPT, "no longer used"),
    "django_content_type": (KEPT, "names of tables"),
    "django_migrations": (KEPT, "which version made the tables"),
    "auth_permission": (KEPT, "part of the code"),
    "auth_group": (KEPT, "roles, part of the code"),
    "auth_group_permissions": (KEPT, "part of the code"),
}
LEFT_OUT_TABLES = [table for table, (fate, _) in FATES.items() if fate == LEFT_OUT]
