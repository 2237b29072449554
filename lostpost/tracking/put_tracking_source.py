"""Connect a shop to a provider of Track & Trace, change its secret, disconnect it, and note what it delivers."""

from __future__ import annotations

import secrets
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from lostpost.core.errors import NotFound, Rejected
from lostpost.core.sealed import KeyMissing, reseal, seal, unseal
from lostpost.core.text import is_one_line
from lostpost.tracking.models import TrackingSource

OVERLAP = timedelta(hours=24)  # How long a former secret counts: time to change it at the provider.
SECRETS_MAX = 3
SECRET_LENGTHS = range(8, 201)
REFUSALS_NOTED_EVERY = timedelta(minutes=1)  # Anybody can send what is refused: it must not write all day.


class NotConnected(NotFound):
    """The shop is not connected to that source."""


class SecretRefused(Rejected):
    """That cannot be a provider's secret."""


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """What one good delivery brought."""

    scans: int
    rejected: int
    stopped_looking: int


def new_source_secret() -> str:
    """Make a secret as the Standard Webhooks specification writes it; other schemes take any text."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic(durable=True)
def put_tracking_source(
    *, seller_id: UUID, source: str, secret: str, by: str, now: datetime
) -> tuple[TrackingSource, bool]:
    """Connect a shop to a source with a secret, or give it another one; return whether it is new.

    The former secret counts for a day more. The secret that is the newest already changes nothing.

    Raises: SecretRefused.
    """
    if len(secret) not in SECRET_LENGTHS or not is_one_line(secret) or secret != secret.strip():
        raise SecretRefused(
            _("A secret has %(least)d to %(most)d characters, without a line break and without blanks around it.")
            % {"least": SECRET_LENGTHS[0], "most": SECRET_LENGTHS[-1]}
        )
    row, new = TrackingSource.objects.get_or_create(
        seller_id=seller_id,
        source=source,
        defaults={"secrets": [{"sealed": seal(secret), "until": None}], "made_at": now, "made_by": by},
    )
    if new:
        return row, True
    row = TrackingSource.objects.select_for_update().get(seller_id=seller_id, source=source)
    if secret in live_source_secrets(row, now)[:1]:
        return row, False
    until = (now + OVERLAP).isoformat()
    former = [{**each, "until": each["until"] or until} for each in row.secrets if _counts(each, now)]
    row.secrets = [{"sealed": seal(secret), "until": None}, *former][:SECRETS_MAX]
    TrackingSource.objects.filter(seller_id=seller_id, id=row.id).update(secrets=row.secrets)
    return row, False


@transaction.atomic(durable=True)
def remove_tracking_source(*, seller_id: UUID, source: str) -> None:
    """Disconnect a shop from a source: what it sends is refused from now on. Raises NotConnected."""
    if not TrackingSource.objects.filter(seller_id=seller_id, source=source).delete()[0]:
        raise NotConnected(_("The shop is not connected to that source."))


def live_source_secrets(row: TrackingSource, now: datetime) -> list[str]:
    """Return the secrets that count now, newest first, as far as they can be read."""
    live = []
    for each in row.secrets:
        if _counts(each, now):
            with suppress(KeyMissing):
                live.append(unseal(each["sealed"]))
    return live


@transaction.atomic(durable=True)
def reseal_source_secrets(*, seller_id: UUID, source_id: UUID) -> None:
    """Seal each secret again with the key in use. Raises: KeyMissing; then all stay as they are."""
    row = TrackingSource.objects.select_for_update().filter(seller_id=seller_id, id=source_id).first()
    if row is not None:
        sealed = [{**each, "sealed": reseal(each["sealed"])} for each in row.secrets]
        TrackingSource.objects.filter(seller_id=seller_id, id=source_id).update(secrets=sealed)


@transaction.atomic(durable=True)
def note_delivery(*, row: TrackingSource, counts: DeliveryCounts, now: datetime) -> None:
    """Count a good delivery."""
    TrackingSource.objects.filter(seller_id=row.seller_id, id=row.id).update(
        deliveries=F("deliveries") + 1,
        scans=F("scans") + counts.scans,
        scans_rejected=F("scans_rejected") + counts.rejected,
        stopped_looking=F("stopped_looking") + counts.stopped_looking,
        delivered_at=now,
        problem="",
    )


@transaction.atomic(durable=True)
def note_refused_delivery(*, row: TrackingSource, code: str, now: datetime) -> None:
    """Note why a delivery was refused, once a minute at most."""
    due = Q(refused_at=None) | Q(refused_at__lt=now - REFUSALS_NOTED_EVERY)
    TrackingSource.objects.filter(due, seller_id=row.seller_id, id=row.id).update(
        refused=F("refused") + 1, refused_at=now, problem=code[:300]
    )


def _counts(secret: dict[str, str | None], now: datetime) -> bool:
    return secret["until"] is None or datetime.fromisoformat(secret["until"]) > now
