"""Set up an account of a connector, remove it, and check that it is let in; written into the security log."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.connector_accounts.calls import note_failed_call, note_good_answer
from lostpost.connector_accounts.known_accounts import remember_accounts
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connector_accounts.put_connector_account import (
    AccountData,
    put_connector_account,
    remove_connector_account,
)
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.sign_of_life import forget_signs_of_life
from lostpost.connectors.registry import CONNECTORS
from lostpost.connectors.remote_apis.problems import RemoteProblem
from lostpost.connectors.remote_apis.session import RemoteSession
from lostpost.core.errors import Rejected
from lostpost.core.sql import database_now
from lostpost.core.text import is_one_line
from lostpost.tracking.parcel_polls import forget_polls, shops_with_polls

CHECK_SECONDS = 20.0
CREDENTIAL_MAX = 4_000
CALLS_A_DAY = range(1, 10_000_001)
SECONDS_BETWEEN_CALLS_MAX = 3600.0
EVERY_CONNECTOR = {"url": "another address of the interface, for a sandbox", "carriers": "further names, with commas"}


class AccountRefused(Rejected):
    """That cannot be an account of this connector."""


@dataclass(frozen=True, slots=True)
class AccountWish:
    """What somebody wants an account to be; None: as the connector has it."""

    credentials: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)
    calls_a_day: int | None = None
    seconds_between_calls: float | None = None


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What a check found: the code of a problem, empty for none, and details for engineers."""

    code: str = ""
    detail: str = ""


def connect_account(
    *, connector: str, seller: Seller | None, wish: AccountWish, by: str, now: datetime
) -> tuple[ConnectorAccount, bool]:
    """Set up an account for all shops, or of one shop's own; return whether it is new. Raises: AccountRefused."""
    client = CONNECTORS[connector]
    if seller is None and not client.for_all_shops:
        raise AccountRefused(
            _("%(connector)s has an account for each shop: name the shop.") % {"connector": client.title}
        )
    calls = client.calls_a_day if wish.calls_a_day is None else wish.calls_a_day
    seconds = client.seconds_between_calls if wish.seconds_between_calls is None else wish.seconds_between_calls
    if calls not in CALLS_A_DAY or not math.isfinite(seconds) or not 0 <= seconds <= SECONDS_BETWEEN_CALLS_MAX:
        raise AccountRefused(_("The calls of a day, or the seconds between two calls, cannot be right."))
    data = AccountData(
        connector=connector,
        shop_id=seller.id if seller else None,
        credentials=_checked_credentials(connector, wish.credentials),
        options=_checked_options(connector, wish.options),
        calls_a_day=calls,
        milliseconds_between_calls=round(seconds * 1000),
    )
    row, new = put_connector_account(account=data, by=by, now=now)
    remember_accounts(None)
    record_security_event(
        f"connector-account.{'connected' if new else 'changed'}", about=_about_account(connector, seller)
    )
    return row, new


def disconnect_account(*, connector: str, seller: Seller | None) -> None:
    """Remove an account; what only it asked about is asked about no more. Raises: NoConnectorAccount."""
    shop_id = seller.id if seller else None
    row = ConnectorAccount.objects.filter(connector=connector, shop_id=shop_id).first()
    remove_connector_account(connector=connector, shop_id=shop_id)
    remember_accounts(None)
    left = set(ConnectorAccount.objects.filter(connector=connector).values_list("shop_id", flat=True))
    if None not in left:
        asked = [shop_id] if shop_id else [each for each in shops_with_polls(connector) if each not in left]
        forget_polls(connector=connector, seller_ids=asked)
    if row is not None and connector in CARRIERS:
        forget_signs_of_life(row)
    record_security_event("connector-account.removed", about=_about_account(connector, seller))


def check_account(account: ConnectorAccount) -> AccountCheck:
    """Ask something harmless now, whatever the account's pace and pause; note how that went."""
    client = CONNECTORS[account.connector]
    try:
        client.check(RemoteSession(account, url=client.url, seconds=CHECK_SECONDS))
    except RemoteProblem as problem:
        note_failed_call(
            account_id=account.id, code=problem.code, detail=str(problem), now=database_now(), pauses=problem.pauses
        )
        return AccountCheck(problem.code, str(problem))
    note_good_answer(account_id=account.id, now=database_now(), resumes=True)
    return AccountCheck()


def _checked_credentials(connector: str, credentials: Mapping[str, str]) -> dict[str, str]:
    client = CONNECTORS[connector]
    given = {name: value for name, value in credentials.items() if value}
    if given.keys() != set(client.credentials):
        raise AccountRefused(
            _("%(connector)s is opened by %(names)s.")
            % {"connector": client.title, "names": ", ".join(client.credentials)}
        )
    for name, value in given.items():
        if len(value) > CREDENTIAL_MAX or not value.isascii() or not is_one_line(value) or value != value.strip():
            raise AccountRefused(_("%(name)s has characters that no key has, or is too long.") % {"name": name})
    return given


def _checked_options(connector: str, options: Mapping[str, str]) -> dict[str, object]:
    known = {**EVERY_CONNECTOR, **CONNECTORS[connector].options}
    if unknown := [name for name in options if name not in known]:
        raise AccountRefused(
            _("There is no setting “%(name)s”; there are %(known)s.")
            % {"name": unknown[0], "known": ", ".join(sorted(known))}
        )
    checked: dict[str, object] = {name: value.strip() for name, value in options.items() if value.strip()}
    if url := str(checked.get("url", "")):
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if (parts.scheme != "https" and not local) or not parts.hostname or parts.query or parts.fragment:
            raise AccountRefused(_("The address must begin with https://; plain http only on this machine."))
        checked["url"] = url.rstrip("/")
    if names := str(checked.get("carriers", "")):
        checked["carriers"] = [name.strip() for name in names.split(",") if name.strip()]
    return checked


def _about_account(connector: str, seller: Seller | None) -> str:
    return f"{connector} of {seller.code if seller else 'the marketplace'}"
