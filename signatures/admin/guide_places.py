"""Which page of the guide is about which page of the desk."""

from __future__ import annotations

from collections.abc import Mapping

# By the name of the address; where nothing is named, the contents of the guide.
PAGE_FOR: Mapping[str, str] = {
    "index": "how-it-goes",
    "alerts": "alerts",
    "password_change": "logging-in",
    "signatures_petition_add": "new-petition",
    "signatures_petition_change": "changing-the-text",
    "petition_publish": "changing-the-text",
    "petition_link": "link-and-qr",
    "petition_export": "own-list",
    "petition_hand_over": "hand-over",
    "petition_lead_petitioner": "hand-over",
    "signatures_delivery_changelist": "hand-over",
    "signatures_delivery_change": "hand-over",
    "check_files": "check-a-file",
    "petition_names": "names-and-reasons",
    "petition_reasons": "names-and-reasons",
    "petition_waves": "fakes",
    "petition_rules": "fakes",
    "petition_rule": "fakes",
    "petition_batch": "fakes",
    "petition_paper": "paper",
    "petition_bundle": "paper",
    "petition_sheet": "paper",
    "petition_purge": "erasing",
    "signatures_signature_changelist": "signatures",
    "signatures_signature_change": "signatures",
    "signature_erase": "delete-my-data",
    "signatures_update_changelist": "news",
    "signatures_update_add": "news",
    "signatures_update_change": "news",
    "signatures_organiser_changelist": "colleagues",
    "signatures_organiser_add": "colleagues",
    "signatures_organiser_change": "colleagues",
    "signatures_auditentry_changelist": "audit-log",
    "signatures_auditentry_change": "audit-log",
}
