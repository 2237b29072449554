"""Take a request, put it back, or hand it to another agent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import WATCH
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import add_step, change_request, lock_request, require_waiting

NOTICE_OF_HAND_OVER = "notices.gather-hand-over"  # The job's name: the agent who gets it may want to know at once.


class RequestTaken(Conflict):
    """Somebody else has the request."""

    code = "request-taken"


@transaction.atomic(durable=True)
def assign_request(
    *, seller_id: UUID, request_id: UUID, to: Actor | None, expected: int | None, by: Actor, now: datetime
) -> PartnerserviceRequest:
    """Let an agent have a request, or nobody; where that is so already, nothing changes.

    Args: `to`: an agent of Partnerservice; None puts it back. `expected`: the user who had it when `by` looked.
    Raises: RequestNotFound, RequestAnswered, RequestTaken if somebody else has got it since.
    """
    request, _query = lock_request(request_id, seller_id=seller_id)
    require_waiting(request)
    if to and to.role != by.role:
        raise Rejected(_("Choose somebody of Partnerservice."))
    wanted = to.user_id if to else None
    if request.assignee_user_id == wanted:
        return request
    if request.assignee_user_id != expected:
        raise RequestTaken(
            _("%(name)s has this request now. Nothing was changed.") % {"name": request.assignee_name}
            if request.assignee_name
            else _("Nobody has this request any more. Nothing was changed.")
        )
    change_request(request, assignee_user_id=wanted, assignee_name=to.name if to else "")
    kind = "put-back" if to is None else "taken" if wanted == by.user_id else "handed-over"
    to_whom: dict[str, Any] = {"to": to.name, "to_user": to.user_id} if to else {}
    step = add_step(request, kind, by=by, now=now, **to_whom)
    if kind == "handed-over":
        job = {"seller": str(seller_id), "step": str(step.id)}
        defer(Job(NOTICE_OF_HAND_OVER, WATCH, job))
    return request
