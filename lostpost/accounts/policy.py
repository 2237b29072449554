"""The policy in force, and how it changes."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import PolicyVersion
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Rejected
from lostpost.core.sql import execute, fetch
from lostpost.core.text import is_blank
from lostpost.eligibility.policy import Policy, PolicyValueWrong


def current_policy() -> Policy:
    """Return the newest version of the policy; version 0, the defaults, if it was never changed."""
    rows = fetch("SELECT version, values::text FROM lostpost_policyversion ORDER BY version DESC LIMIT 1", ())
    return kept_policy(*rows[0]) if rows else Policy()


@lru_cache(maxsize=8)
def kept_policy(version: int, values: str) -> Policy:
    """Return the policy of a row, checked once: each request reads which one is in force, and none changes."""
    return Policy.from_values(json.loads(values), version=version)


@transaction.atomic(durable=True)
def change_policy(*, values: dict[str, Any], reason: str, by: str, now: datetime) -> Policy:
    """Put a new version in force at once: the current values with these changed. Earlier decisions keep theirs.

    Raises: Rejected with a sentence for each wrong value, or if no reason is given, or if nothing would change.
    """
    execute("SELECT pg_advisory_xact_lock(hashtextextended('policy', 0))", ())
    before = current_policy()
    try:
        policy = Policy.from_values({**before.values(), **values}, version=before.version + 1)
    except PolicyValueWrong as wrong:
        raise Rejected(str(wrong)) from wrong
    if is_blank(reason):
        raise Rejected(_("Give a reason: it stands beside the change for whoever asks later."))
    if policy.values() == before.values():
        raise Rejected(_("The policy has these values already; nothing was changed."))
    PolicyVersion.objects.create(
        version=policy.version, values=policy.values(), reason=reason.strip()[:500], decided_by=by, decided_at=now
    )
    changed = sorted(name for name, value in policy.values().items() if before.values().get(name) != value)
    record_security_event("policy.changed", about=f"version {policy.version}: {', '.join(changed)}")
    return policy
