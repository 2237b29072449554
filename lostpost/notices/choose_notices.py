"""Choose which notices one gets by mail, how soon, and when; or none any more, by the link in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Rejected
from lostpost.notices.kinds import DESK_KINDS, MEMBER_KINDS, Timing
from lostpost.notices.models import DeskNoticeChoices, NoticeChoices

LANGUAGES = ("", "en", "nl")
_SALT = "lostpost.notices.stop"


class Stopped(NamedTuple):
    """Whose notices a link stops: of a shop, or none: of the desk."""

    user_id: int
    shop_id: UUID | None


@transaction.atomic(durable=True)
def choose_notices(
    *, timings: Mapping[str, str], digest_hour: int, language: str, off: bool, by: Actor, now: datetime
) -> None:
    """Keep what somebody chose for the shop in which they act, or at the desk. Kinds that are not named stay.

    Raises: Rejected for a kind, timing, hour or language that there is not.
    """
    offered = {kind.code for kind in (DESK_KINDS if by.shop is None else MEMBER_KINDS)}
    fits = digest_hour in range(24) and language in LANGUAGES
    if not fits or set(timings) - offered or set(timings.values()) - set(Timing):
        raise Rejected(_("Choose from what the page offers; nothing was changed."))
    before = _choice_of(by.user_id, by.shop.id if by.shop else None)
    values = {
        "timings": {**(before.timings if before else {}), **timings},
        "digest_hour": digest_hour,
        "language": language,
        "off": off,
    }
    _save(by.user_id, by.shop.id if by.shop else None, values)


@transaction.atomic(durable=True)
def stop_notices(*, stopped: Stopped) -> None:
    """Send somebody no notices any more, of this shop or at the desk. Safe to repeat."""
    _save(stopped.user_id, stopped.shop_id, {"off": True})
    record_security_event("notices.stopped", about=f"user {stopped.user_id} of {stopped.shop_id or 'the desk'}")


def stop_key(*, user_id: int, shop_id: UUID | None) -> str:
    """Return the key of the link that stops somebody's notices; nobody else can make it, and nothing stores it.

    It is the same at all times, so that an e-mail that is sent again is the same e-mail.
    """
    return signing.Signer(salt=_SALT).sign_object({"user": user_id, "shop": str(shop_id or "")})


def read_stop_key(key: str) -> Stopped | None:
    """Return whose notices a key stops; none if it is not ours."""
    try:
        values: dict[str, Any] = signing.Signer(salt=_SALT).unsign_object(key)
    except signing.BadSignature:
        return None
    return Stopped(values["user"], UUID(values["shop"]) if values["shop"] else None)


def _choice_of(user_id: int, shop_id: UUID | None) -> NoticeChoices | DeskNoticeChoices | None:
    if shop_id is None:
        return DeskNoticeChoices.objects.filter(user_id=user_id).first()
    return NoticeChoices.objects.filter(seller_id=shop_id, user_id=user_id).first()


def _save(user_id: int, shop_id: UUID | None, values: dict[str, Any]) -> None:
    if shop_id is None:
        DeskNoticeChoices.objects.update_or_create(user_id=user_id, defaults=values)
    else:
        NoticeChoices.objects.update_or_create(seller_id=shop_id, user_id=user_id, defaults=values)
