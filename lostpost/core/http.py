"""The HTTP status of each kind of refusal, for whatever speaks HTTP; the commands that refuse know of none."""

from __future__ import annotations

from lostpost.core.errors import Conflict, NotFound, Refused, Rejected

STATUS_OF: dict[type[Refused], int] = {NotFound: 404, Conflict: 409, Rejected: 422}


def status_of(refusal: Refused) -> int:
    """Return the status of the kind that a refusal is of."""
    return next((status for kind, status in STATUS_OF.items() if isinstance(refusal, kind)), 422)
