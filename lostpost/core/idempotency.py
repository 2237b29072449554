"""Idempotency keys: a request that is sent twice with the same key is carried out once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from lostpost.core.errors import Rejected
from lostpost.core.ownership import OfItsSeller, SellerOwned
from lostpost.core.sql import fetch, insertion
from lostpost.core.text import is_storable

_UNLESS_USED = " ON CONFLICT ON CONSTRAINT idempotency_key_used_once DO NOTHING RETURNING made_id"

_STORE_ANSWER = """
    UPDATE lostpost_idempotencykey SET answer = %s
     WHERE seller_id = %s AND scope = %s AND key = %s AND answer = ''
    RETURNING 1
"""

P = ParamSpec("P")
Result = TypeVar("Result")


class IdempotencyKey(SellerOwned):
    """A used key with the hash of its request and the result; committed together with the effect."""

    key = models.CharField(max_length=64)
    scope = models.CharField(max_length=40)
    content = models.CharField(max_length=64)  # SHA-256 of the request.
    made_id = models.UUIDField()
    answer = models.TextField(blank=True)  # The response, for a repeat; empty if the caller needs none.
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            OfItsSeller(name="idempotency_key_of_its_seller"),
            models.UniqueConstraint(fields=["seller", "scope", "key"], name="idempotency_key_used_once"),
            models.CheckConstraint(condition=models.Q(key__regex=r"^.{8,64}$"), name="idempotency_key_8_to_64_long"),
        ]


@dataclass(slots=True)
class IdempotencyClaim:
    """A key whose caller needs the same response for a repeat: `answer` returns the response for a result.

    `stored` is the response if this call stored it; once the command has returned, it is committed.
    """

    value: str
    answer: Callable[[Any], str]
    stored: str | None = None


def keeps_answer(scope: str) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Store the response of a command in its own transaction, if its `key` is an IdempotencyClaim.

    Put it below `transaction.atomic`: key, effect and response commit together. The shop is the command's `seller_id`,
    or that of the actor `by`.
    """

    def wrap(command: Callable[P, Result]) -> Callable[P, Result]:
        @wraps(command)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Result:
            result = command(*args, **kwargs)
            key = kwargs.get("key")
            if isinstance(key, IdempotencyClaim):
                shop: Any = kwargs.get("seller_id") or kwargs["by"].seller_id  # type: ignore[attr-defined]
                answer = key.answer(result)
                if fetch(_STORE_ANSWER, (answer, shop, scope, key.value)):
                    key.stored = answer
            return result

        return wrapper

    return wrap


class KeyReused(Rejected):
    """The key was used before, for something else."""

    code = "key-reused"


def fingerprint(content: Any) -> str:
    """Return a hash of the content that does not depend on the order of names."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def claim(
    key: str | IdempotencyClaim, *, scope: str, seller_id: UUID, content: Any, result_id: UUID, now: Any
) -> UUID | None:
    """Claim `key` for the result with the id `result_id`; return the earlier result's id if there is one.

    Call it inside the command's transaction, after its lock: key and effect commit together, so a crash leaves neither.
    Raises: KeyReused if the key was used for other content; Rejected if the key is not 8 to 64 characters long.
    """
    key = key.value if isinstance(key, IdempotencyClaim) else key
    if not 8 <= len(key) <= 64:
        raise Rejected(_("The key of this request must be 8 to 64 characters long; it is %(n)d.") % {"n": len(key)})
    if not is_storable(key):
        raise Rejected(_("The key of this request holds a character that cannot be kept. Use letters and digits."))
    row = {
        "seller_id": seller_id,
        "id": result_id,
        "key": key,
        "scope": scope,
        "content": fingerprint(content),
        "made_id": result_id,
        "used_at": now,
    }
    if fetch(insertion(IdempotencyKey, same=tuple(row)) + _UNLESS_USED, row):
        return None
    return earlier_result(key, scope=scope, seller_id=seller_id, content=content)


def earlier_result(key: str, *, scope: str, seller_id: UUID, content: Any) -> UUID | None:
    """Return the id of the result for which `key` was used, and None if it was not.

    Raises: KeyReused if it was used for other content.
    """
    keys = IdempotencyKey.objects.filter(seller_id=seller_id, scope=scope, key=key)
    earlier = keys.values_list("content", "made_id").first()
    if earlier and earlier[0] != fingerprint(content):
        raise KeyReused(
            _("This request was sent before with other content. Go back, look at the items again and send it anew.")
        )
    return earlier[1] if earlier else None
