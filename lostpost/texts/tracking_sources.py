"""How a source of scans fares, in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.tracking.models import TrackingSource

WORKING, WAITING, REFUSING = "working", "waiting", "refusing"
_PROBLEMS = {
    "not-signed": gettext_lazy(
        "The newest delivery was refused: it was not signed with the secret that is known here, or too long ago. "
        "Compare the secret with the one at the source."
    ),
    "malformed-body": gettext_lazy(
        "The newest delivery was refused: its body is not what this source sends. Look which webhook and which version "
        "is set there."
    ),
    "too-many-requests": gettext_lazy(
        "The source delivered too many at once; it sends again what was refused. If that happens often, let it deliver "
        "fewer kinds of events, or raise the limit."
    ),
    "body-too-large": gettext_lazy("The newest delivery was refused: it was too large."),
}


def tracking_source_state(row: TrackingSource) -> str:
    """Return one of "refusing" (the newest delivery was refused), "waiting" (there was none yet) and "working"."""
    if row.problem:
        return REFUSING
    return WORKING if row.delivered_at else WAITING


def tracking_source_text(row: TrackingSource) -> str:
    """Say what is wrong with a source and what to do, or that nothing is."""
    match tracking_source_state(row):
        case "refusing":
            return str(_PROBLEMS.get(row.problem, row.problem))
        case "waiting":
            return _("Nothing was delivered yet. Let the source send a test, or wait for a parcel to move.")
    return _("The newest delivery was taken in.")


def last_success_text(at: datetime | None) -> str:
    """Say when a source delivered last, in UTC, for operators at a terminal."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
