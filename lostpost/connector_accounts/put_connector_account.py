"""Set up an account with a carrier or shop platform, change what opens it, remove it, and keep its access token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.core.errors import NotFound
from lostpost.core.sealed import reseal, seal, unseal


class NoConnectorAccount(NotFound):
    """There is no such account."""


@dataclass(frozen=True, slots=True)
class AccountData:
    """What an account is to be; checked by whoever knows its connector."""

    connector: str
    shop_id: UUID | None
    credentials: Mapping[str, str]
    calls_a_day: int
    milliseconds_between_calls: int
    options: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic(durable=True)
def put_connector_account(*, account: AccountData, by: str, now: datetime) -> tuple[ConnectorAccount, bool]:
    """Set up an account, or change it; return whether it is new. What went wrong before is forgotten then."""
    row, new = ConnectorAccount.objects.update_or_create(
        connector=account.connector,
        shop_id=account.shop_id,
        defaults={
            "sealed": seal(json.dumps(dict(account.credentials))),
            "options": dict(account.options),
            "calls_a_day": account.calls_a_day,
            "milliseconds_between_calls": account.milliseconds_between_calls,
            "made_at": now,
            "made_by": by,
            "sealed_token": "",
            "token_until": None,
            "next_call_at": None,
            "failures": 0,
            "problem": "",
            "problem_detail": "",
        },
    )
    return row, new


@transaction.atomic(durable=True)
def remove_connector_account(*, connector: str, shop_id: UUID | None) -> None:
    """Remove an account: it asks no more from now on. Raises: NoConnectorAccount."""
    if not ConnectorAccount.objects.filter(connector=connector, shop_id=shop_id).delete()[0]:
        raise NoConnectorAccount(_("There is no such account."))


def credentials_of(account: ConnectorAccount) -> dict[str, str]:
    """Return what opens an account. Raises: KeyMissing."""
    return dict(json.loads(unseal(account.sealed)))


@transaction.atomic(durable=True)
def keep_access_token(*, account_id: UUID, token: str, until: datetime | None) -> None:
    """Keep an account's access token for all processes; an empty one forgets it."""
    ConnectorAccount.objects.filter(id=account_id).update(
        sealed_token=seal(token) if token else "", token_until=until if token else None
    )


@transaction.atomic(durable=True)
def reseal_connector_account(*, account_id: UUID) -> None:
    """Seal what opens an account again with the key in use; a token is fetched again. Raises: KeyMissing."""
    row = ConnectorAccount.objects.select_for_update().filter(id=account_id).first()
    if row is not None:
        ConnectorAccount.objects.filter(id=account_id).update(
            sealed=reseal(row.sealed), sealed_token="", token_until=None
        )
