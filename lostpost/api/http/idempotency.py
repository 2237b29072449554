"""A write that may be sent twice: with its key it is done once, and answered the same, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Header

from lostpost.api.http.renderer import ExactEncoder
from lostpost.core.idempotency import IdempotencyClaim, IdempotencyKey, InProgress
from lostpost.web.problems import Problem

KeyHeader = Annotated[
    str,
    Header(
        ...,
        alias="Idempotency-Key",
        min_length=8,
        max_length=64,
        pattern=r"^[\x21-\x7e]+$",
        description="Made up by the caller for one wish, 8 to 64 visible ASCII characters; the same for every repeat.",
        example="order-4711-lamp-1",
    ),
]


def with_idempotency_key(
    command: Callable[[IdempotencyClaim], object],
    *,
    key: str,
    scope: str,
    seller_id: UUID,
    answer: Callable[[Any], str],
) -> HttpResponse:
    """Call the command with the key; answer 201 with the answer that was stored when it was first done.

    `answer` makes it of the command's result. It is stored in the command's own transaction. While the first call
    still runs, a repeat gets 409 and does not wait; if the process dies, the database releases the lock.
    """
    try:
        try:
            body = _answer_of(command, key=IdempotencyClaim(key, answer), scope=scope, seller_id=seller_id)
        except IdempotencyKey.DoesNotExist:  # It was 90 days old and deleted meanwhile: it is a new one.
            body = _answer_of(command, key=IdempotencyClaim(key, answer), scope=scope, seller_id=seller_id)
    except InProgress:
        raise Problem(
            409,
            "in-progress",
            "A request with this Idempotency-Key is being worked on. Send it again in a moment.",
            headers={"Retry-After": "1"},
        ) from None
    return HttpResponse(body, status=201, content_type="application/json")


def _answer_of(
    command: Callable[[IdempotencyClaim], object], *, key: IdempotencyClaim, scope: str, seller_id: UUID
) -> str:
    command(key)
    if key.stored is not None:
        return key.stored
    return IdempotencyKey.objects.values_list("answer", flat=True).get(seller_id=seller_id, scope=scope, key=key.value)


def json_text(schema: Any) -> str:
    """Return a schema as the JSON text that is stored and sent, as a later GET would return it."""
    return json.dumps(schema.model_dump(), cls=ExactEncoder)
