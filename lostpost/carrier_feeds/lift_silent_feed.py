"""Lift the silence of a carrier's feed: from now on its silent parcels may be written off again, until a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.security_log import record_security_event
from lostpost.carrier_feeds.models import SilentFeed
from lostpost.core.clock import rfc3339
from lostpost.core.errors import NotFound, Rejected
from lostpost.core.text import compact_form, is_blank

LIFTED_MOST = timedelta(days=30)


class NoSilentFeed(NotFound):
    """The carrier's scans reach us."""

    sentence = gettext_lazy("The scans of this carrier reach us; there is nothing to lift.")


class LiftWithoutReason(Rejected):
    """Nobody said why."""

    sentence = gettext_lazy("Give a reason: it stands beside every decision that it allows.")


class LiftTooLong(Rejected):
    """Its end is not to come, or too far away."""


@transaction.atomic(durable=True)
def lift_silent_feed(*, carrier: str, reason: str, until: datetime, by: str, now: datetime) -> SilentFeed:
    """Lift the silence of a carrier's feed until a moment; a later lift takes the place of the one before.

    Raises: NoSilentFeed, LiftWithoutReason, LiftTooLong.
    """
    if is_blank(reason):
        raise LiftWithoutReason
    if not now < until <= now + LIFTED_MOST:
        raise LiftTooLong(
            _("Let it end within %(days)d days, and after now: then it is looked at again.")
            % {"days": LIFTED_MOST.days}
        )
    open_ones = SilentFeed.objects.select_for_update().filter(ended_at=None)
    feed = open_ones.filter(carrier_normalised=compact_form(carrier)).first()
    if feed is None:
        raise NoSilentFeed
    lift = {"at": rfc3339(now), "until": rfc3339(until), "by": by[:200], "reason": reason.strip()[:500]}
    feed.lifts = [*feed.lifts, lift]
    feed.lifted_until = until
    feed.save(update_fields=["lifts", "lifted_until"])
    record_security_event("silent-feed.lifted", about=f"{feed.carrier} until {lift['until']}: {lift['reason']}")
    return feed
