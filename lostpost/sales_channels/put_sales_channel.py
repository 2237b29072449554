"""Connect a shop to a platform on which it sells, change its credentials, pause, resume and remove it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.core.errors import NotFound, Rejected
from lostpost.core.sealed import reseal, seal, unseal
from lostpost.core.text import is_one_line
from lostpost.sales_channels.models import ChannelNews, RefusedRecord, SalesChannel, WatchedShipment

LONGEST_CREDENTIAL = 500
_SEALED = ("credentials", "token", "hook_secret")
_PREFIX = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.:-]{0,15})?")
ACTIVE, PAUSED = SalesChannel.State.ACTIVE, SalesChannel.State.PAUSED


class ChannelUnknown(NotFound):
    """The shop is not connected to that platform, or to no such account there."""

    sentence = gettext_lazy("The shop is not connected to it.")


class CredentialsMalformed(Rejected):
    """That cannot be what a platform gave out."""


class PrefixRefused(Rejected):
    """Numbers with that prefix would not be known apart."""


@transaction.atomic(durable=True)
def put_sales_channel(
    *,
    seller_id: UUID,
    platform: str,
    account: str,
    credentials: Mapping[str, str],
    prefix: str | None,
    by: str,
    now: datetime,
) -> tuple[SalesChannel, bool]:
    """Connect a shop to an account, or give the connection other credentials; return whether it is new.

    Numbers of orders get the prefix; without one (None) the shop's first channel has none, and others get one of the
    platform's name. It stays as it is for ever. A connection that failed is tried again at once.

    Raises: CredentialsMalformed, PrefixRefused.
    """
    for name, value in credentials.items():
        if not value or len(value) > LONGEST_CREDENTIAL or not is_one_line(value) or value != value.strip():
            raise CredentialsMalformed(
                _("%(name)s has 1 to %(most)d characters, without a line break and without blanks around it.")
                % {"name": name, "most": LONGEST_CREDENTIAL}
            )
    sealed = seal(json.dumps(dict(credentials)))
    of_shop = SalesChannel.objects.select_for_update().filter(seller_id=seller_id)
    existing = {(row.platform, row.account): row for row in of_shop}
    if row := existing.get((platform, account)):
        if prefix is not None and prefix != row.prefix:
            raise PrefixRefused(_("The prefix cannot change: orders that came have it in their numbers."))
        SalesChannel.objects.filter(seller_id=seller_id, id=row.id).update(
            credentials=sealed, token="", state=ACTIVE, next_run_at=now, problem="", problem_detail="", failures=0
        )
        return SalesChannel.objects.get(seller_id=seller_id, id=row.id), False
    row = SalesChannel.objects.create(
        seller_id=seller_id,
        platform=platform,
        account=account,
        prefix=_free_prefix(prefix, platform, {each.prefix for each in existing.values()}),
        credentials=sealed,
        made_at=now,
        made_by=by,
        next_run_at=now,
    )
    return row, True


@transaction.atomic(durable=True)
def pause_sales_channel(*, seller_id: UUID, channel_id: UUID) -> None:
    """Fetch nothing until it is resumed; a run at work ends after its next page. Raises: ChannelUnknown."""
    rows = SalesChannel.objects.filter(seller_id=seller_id, id=channel_id)
    if not rows.update(state=PAUSED, lease=None, leased_until=None):
        raise ChannelUnknown


@transaction.atomic(durable=True)
def resume_sales_channel(*, seller_id: UUID, channel_id: UUID, now: datetime) -> None:
    """Fetch again, from where it stopped. Raises: ChannelUnknown."""
    if not SalesChannel.objects.filter(seller_id=seller_id, id=channel_id).update(state=ACTIVE, next_run_at=now):
        raise ChannelUnknown


@transaction.atomic(durable=True)
def remove_sales_channel(*, seller_id: UUID, channel_id: UUID) -> None:
    """Forget the account and its credentials; what came from it stays. Raises: ChannelUnknown."""
    if not SalesChannel.objects.select_for_update().filter(seller_id=seller_id, id=channel_id).exists():
        raise ChannelUnknown
    for model in (RefusedRecord, WatchedShipment, ChannelNews):
        model.objects.filter(seller_id=seller_id, channel_id=channel_id).delete()
    SalesChannel.objects.filter(seller_id=seller_id, id=channel_id).delete()


@transaction.atomic(durable=True)
def reseal_channel(*, seller_id: UUID, channel_id: UUID) -> None:
    """Seal what is secret again with the key in use. Raises: KeyMissing; then all stays as it is."""
    row = SalesChannel.objects.select_for_update().filter(seller_id=seller_id, id=channel_id).first()
    if row is not None:
        values = {name: reseal(text) if (text := getattr(row, name)) else "" for name in _SEALED}
        SalesChannel.objects.filter(seller_id=seller_id, id=channel_id).update(**values)


def channel_credentials(row: SalesChannel) -> dict[str, str]:
    """Return what the platform gave out. Raises: KeyMissing."""
    content: dict[str, str] = json.loads(unseal(row.credentials))
    return content


def _free_prefix(wanted: str | None, platform: str, used: set[str]) -> str:
    if wanted is None:
        wanted = platform[:4].upper() + "-" if "" in used else ""
    if not _PREFIX.fullmatch(wanted):
        raise PrefixRefused(_("A prefix has up to 16 letters, digits or _ . : - and starts with a letter or digit."))
    if wanted in used:
        raise PrefixRefused(
            _("Another sales channel of the shop has this prefix; with the same one their orders would be mixed up.")
        )
    return wanted
