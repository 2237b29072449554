"""How the scans of a carrier reach us, in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.carrier_feeds.feed_rate import LEAST_OF_WEEK
from lostpost.carrier_feeds.models import CarrierFeed, SilentFeed
from lostpost.carrier_feeds.reads import ShownFeed
from lostpost.texts.style import PLAIN, Style

LIFTED = "lifted"  # A state that is shown, and not kept: it ends by itself.
_SUREST = 9  # Nobody needs more zeros.


def feed_state(shown: ShownFeed, now: datetime) -> str:
    """Return the state that a page shows."""
    silent = shown.silent
    if silent and silent.lifted_until and now < silent.lifted_until:
        return LIFTED
    return CarrierFeed.State.SILENT if silent else shown.feed.state


def feed_text(shown: ShownFeed, style: Style = PLAIN) -> str:
    """Say how a feed fares, and what that means."""
    if shown.silent:
        return silent_feed_text(shown.silent, style)
    match shown.feed.state:
        case CarrierFeed.State.FEWER:
            return _("Fewer scans than usual for days. Nothing is paused; look whether a source was switched off.")
        case CarrierFeed.State.STEADY:
            return _("As many scans as usual at this time of the week.")
        case CarrierFeed.State.TOO_FEW:
            return _("Fewer than %(n)d scans a week: a day without any is ordinary. Nothing is ever paused.") % {
                "n": LEAST_OF_WEEK
            }
    return _("What is usual is known after three weeks of scans. Until then nothing is paused.")


def silent_feed_text(silent: SilentFeed, style: Style = PLAIN) -> str:
    """Say since when a feed is silent, and how sure that is."""
    since = {"since": style.instant(silent.since)}
    if silent.cause == SilentFeed.Cause.CONNECTOR:
        return style.fill(
            _("Since %(since)s our connector had no good answer, and no scan came another way. Look at the connector."),
            since,
        )
    values = {
        **since,
        "received": silent.received,
        "expected": silent.expected,
        "hours": silent.window_hours,
        "times": number_format(10 ** min(silent.chance_exponent, _SUREST), force_grouping=True),
    }
    text = ngettext(
        "Scans are missing since %(since)s: in %(hours)s hour %(received)s came, and some %(expected)s were to be "
        "expected. By chance that happens less than once in %(times)s times.",
        "Scans are missing since %(since)s: in %(hours)s hours %(received)s came, and some %(expected)s were to be "
        "expected. By chance that happens less than once in %(times)s times.",
        silent.window_hours,
    )
    return style.fill(text, values)


def lift_text(silent: SilentFeed, style: Style = PLAIN) -> str:
    """Say who lifted a silence last, until when, and why."""
    lift = silent.lifts[-1]
    return style.fill(
        _("%(by)s lets write-offs through until %(until)s: “%(reason)s”."),
        {"by": lift["by"], "until": style.instant(datetime.fromisoformat(lift["until"])), "reason": lift["reason"]},
    )
