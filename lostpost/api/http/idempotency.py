"""A write that may be sent twice: with its key it is done once, and answered the same, byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from ninja import Header

from lostpost.api.http.renderer import ExactEncoder
from lostpost.core.idempotency import IdempotencyClaim, IdempotencyKey
from lostpost.web.problems import Problem

Made = TypeVar("Made")

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
    command: Callable[[IdempotencyClaim], Made], *, key: str, scope: str, seller_id: UUID, answer: Callable[[Made], str]
) -> HttpResponse:
    """Call the command with the key; answer 201 with what was kept when it was first done.

    The answer is written down in the command's own transaction. While the first call still runs, a repeat is told so
    (409) and nothing waits; if the process dies, the database lets go of the lock by itself.
    """
    with _alone(f"{seller_id}/{scope}/{key}"):
        try:
            kept = _done(command, key=IdempotencyClaim(key, answer), scope=scope, seller_id=seller_id)
        except IdempotencyKey.DoesNotExist:  # It was 90 days old and forgotten in this moment: it is a new one.
            kept = _done(command, key=IdempotencyClaim(key, answer), scope=scope, seller_id=seller_id)
    return HttpResponse(kept, status=201, content_type="application/json")


def _done(command: Callable[[IdempotencyClaim], Made], *, key: IdempotencyClaim, scope: str, seller_id: UUID) -> str:
    command(key)
    return IdempotencyKey.objects.values_list("answer", flat=True).get(seller_id=seller_id, scope=scope, key=key.value)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold a lock of the connection for this key, or refuse at once."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (number,))
        (got,) = cursor.fetchone()
    if not got:
        raise Problem(
            409,
            "in-progress",
            "A request with this Idempotency-Key is being worked on. Send it again in a moment.",
            headers={"Retry-After": "1"},
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (number,))


def json_text(schema: Any) -> str:
    """Write a schema as the JSON text that is kept and sent: as it would be told when asked for later."""
    return json.dumps(schema.model_dump(), cls=ExactEncoder)
