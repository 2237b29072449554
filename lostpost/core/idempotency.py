"""Idempotency keys: a request that is sent twice with the same key is carried out once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from lostpost.core.errors import Conflict, Rejected
from lostpost.core.ownership import OfItsSeller, SellerOwned
from lostpost.core.sql import Parts, Rows, Statement, fetch, insertion
from lostpost.core.text import is_storable

_UNLESS_USED = " ON CONFLICT ON CONSTRAINT idempotency_key_used_once DO NOTHING RETURNING made_id"

_EARLIER = "SELECT content, made_id FROM lostpost_idempotencykey WHERE seller_id = %s AND scope = %s AND key = %s"
_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
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

    `stored` is the response if this call stored it; once the command has returned, it is committed. `row` is the key's,
    claimed and not inserted yet: it goes in with the response.
    """

    value: str
    answer: Callable[[Any], str]
    stored: str | None = None
    row: Mapping[str, Any] | None = None


class InProgress(Conflict):
    """A request with this key is being worked on."""

    code = "in-progress"


def lock_number(key: str | IdempotencyClaim, *, scope: str, seller_id: UUID) -> int | None:
    """Return the number by which a transaction locks an IdempotencyClaim's key; none for a key without a response."""
    if not isinstance(key, IdempotencyClaim):
        return None
    name = f"{seller_id}/{scope}/{key.value}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def keeps_answer(scope: str, *, locks: bool = True) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Store the response of a command in its own transaction, if its `key` is an IdempotencyClaim.

    Put it below `transaction.atomic`: key, effect and response commit together. The shop is the command's `seller_id`,
    or that of the actor `by`. The key is locked until the transaction ends, however it ends. Raises: InProgress at once
    if another holds it.

    Args: `locks`: false for a command that takes the lock itself, with its first statement, by `lock_number`.
    """

    def wrap(command: Callable[P, Result]) -> Callable[P, Result]:
        @wraps(command)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Result:
            key = kwargs.get("key")
            if not isinstance(key, IdempotencyClaim):
                return command(*args, **kwargs)
            shop: Any = kwargs.get("seller_id") or kwargs["by"].seller_id  # type: ignore[attr-defined]
            if locks and not fetch(_LOCK, (lock_number(key, scope=scope, seller_id=shop),))[0][0]:
                raise InProgress
            result = command(*args, **kwargs)
            if key.stored is not None:  # By the command, with what it wrote.
                return result
            answer = key.answer(result)
            if key.row is not None:
                require_inserted(bool(fetch(*_insertion({**key.row, "answer": answer}))))
                key.stored = answer
            elif fetch(_STORE_ANSWER, (answer, shop, scope, key.value)):
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


class KeyedRequest(NamedTuple):
    """A request with its key; `result_id` is the id of what it makes, if it is the first with this key."""

    key: str | IdempotencyClaim
    scope: str
    seller_id: UUID
    content: Any
    result_id: UUID
    now: Any

    @property
    def value(self) -> str:
        """The key itself."""
        return self.key.value if isinstance(self.key, IdempotencyClaim) else self.key

    def row(self) -> dict[str, Any]:
        """Return the key's row."""
        named = {"seller_id": self.seller_id, "id": self.result_id, "key": self.value, "scope": self.scope}
        return {**named, "content": fingerprint(self.content), "made_id": self.result_id, "used_at": self.now}


def claim(
    key: str | IdempotencyClaim, *, scope: str, seller_id: UUID, content: Any, result_id: UUID, now: Any
) -> UUID | None:
    """Claim `key` for the result with the id `result_id`; return the earlier result's id if there is one.

    Call it inside the command's transaction, after its lock: key and effect commit together, so a crash leaves neither.
    Raises: KeyReused if the key was used for other content; Rejected if the key is not 8 to 64 characters long.
    """
    request = KeyedRequest(key, scope, seller_id, content, result_id, now)
    return earlier_of(request, fetch(*claiming(request)))


def claiming(request: KeyedRequest) -> Statement:
    """Return the statement of `claim`, to be sent with others; `earlier_of` reads its rows.

    A key with a response is locked, so it is enough to look for it now and to insert it with the response.
    Raises: Rejected if the key is not 8 to 64 characters long.
    """
    key = request.value
    if not 8 <= len(key) <= 64:
        raise Rejected(_("The key of this request must be 8 to 64 characters long; it is %(n)d.") % {"n": len(key)})
    if not is_storable(key):
        raise Rejected(_("The key of this request holds a character that cannot be kept. Use letters and digits."))
    if isinstance(request.key, IdempotencyClaim):
        return _EARLIER, (request.seller_id, request.scope, key)
    return _insertion(request.row())


def answer_kept(key: IdempotencyClaim, result: object) -> Parts:
    """Return the part of a larger statement that inserts a claimed key with its response, and sets `stored`.

    If its part `kept` returns no row, `require_inserted` is to refuse the request.
    """
    assert key.row is not None
    key.stored = key.answer(result)
    row = {**key.row, "answer": key.stored}
    return Parts((_kept(tuple(row)),), {f"kept_{name}": value for name, value in row.items()})


@cache
def _kept(columns: tuple[str, ...]) -> str:
    statement = insertion(IdempotencyKey, same=columns) + _UNLESS_USED
    return f"kept AS ({statement.replace('%(', '%(kept_')})"


def require_inserted(inserted: bool) -> None:
    """Raise KeyReused if a key was not inserted: it was used meanwhile by a caller without response."""
    if not inserted:
        raise _reused()


def earlier_of(request: KeyedRequest, rows: Rows) -> UUID | None:
    """Return the earlier result's id, of the rows that `claiming` returned; none if the key is claimed.

    Raises: KeyReused if the key was used for other content.
    """
    if not isinstance(request.key, IdempotencyClaim):
        if rows:
            return None
        return earlier_result(request.value, scope=request.scope, seller_id=request.seller_id, content=request.content)
    if rows:
        return _same(rows[0], request.content)
    request.key.row = request.row()
    return None


def earlier_result(key: str, *, scope: str, seller_id: UUID, content: Any) -> UUID | None:
    """Return the id of the result for which `key` was used, and None if it was not.

    Raises: KeyReused if it was used for other content.
    """
    rows = fetch(_EARLIER, (seller_id, scope, key))
    return _same(rows[0], content) if rows else None


def _same(earlier: tuple[Any, ...], content: Any) -> UUID:
    content_hash, made_id = earlier
    assert isinstance(made_id, UUID)
    if content_hash != fingerprint(content):
        raise _reused()
    return made_id


def _insertion(row: Mapping[str, Any]) -> Statement:
    return insertion(IdempotencyKey, same=tuple(row)) + _UNLESS_USED, row


def _reused() -> KeyReused:
    return KeyReused(
        _("This request was sent before with other content. Go back, look at the items again and send it anew.")
    )
