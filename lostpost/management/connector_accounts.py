"""`lostpost connect` for connectors that ask a remote interface: set up, check, remove."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.account_queues import account_queues
from lostpost.connectors.connect_account import AccountWish, check_account, connect_account, disconnect_account
from lostpost.connectors.registry import CONNECTORS
from lostpost.core.sql import database_now
from lostpost.texts.connectors import connector_problem_text
from lostpost.texts.tracking_sources import last_success_text
from lostpost.tracking.parcel_polls import PollQueue


def connect_or_disconnect(name: str, seller: Seller | None, options: dict[str, Any], out: OutputWrapper) -> None:
    """Set an account up, or remove it. Raises: Refused, CommandError."""
    whose = seller.code if seller else "all shops"
    if options["remove"]:
        disconnect_account(connector=name, seller=seller)
        out.write(f"{CONNECTORS[name].title} is not asked with the account of {whose} any more.")
        return
    if options["secret_file"] is None:
        names = ", ".join(CONNECTORS[name].credentials)
        raise CommandError(f"Give a file with what opens the account ({names}) with --secret-file.")
    wish = AccountWish(
        credentials=credentials_in_file(options["secret_file"], CONNECTORS[name].credentials),
        options=dict(_setting(text) for text in options["set"] or ()),
        calls_a_day=options["calls_a_day"],
        seconds_between_calls=options["seconds_between_calls"],
    )
    _row, new = connect_account(connector=name, seller=seller, wish=wish, by="operator", now=timezone.now())
    done = "is asked from now on" if new else "is asked in this way from now on"
    out.write(f"{CONNECTORS[name].title} {done}, for {whose}. Look whether it answers: lostpost connect {name} --check")


def check_accounts(name: str, seller: Seller | None, out: OutputWrapper) -> None:
    """Ask with each account now and say in words how that went, a line each; end with 1 where one is not answered."""
    rows = ConnectorAccount.objects.filter(connector=name).order_by("made_at")
    accounts = list(rows.filter(shop_id=seller.id) if seller else rows)
    if not accounts:
        raise CommandError(f"There is no account of {name}.")
    codes = dict(
        Seller.objects.filter(id__in=[each.shop_id for each in accounts if each.shop_id]).values_list("id", "code")
    )
    queues = account_queues(list(rows), now=database_now())
    good = True
    for account in accounts:
        check = check_account(account)
        good = good and not check.code
        account.refresh_from_db()
        facts = [
            codes.get(account.shop_id, "all shops") if account.shop_id else "all shops",
            check.code or "answered",
            f"last success {last_success_text(account.answered_at)}",
            f"{account.calls} of {account.calls_a_day} calls today",
            queue_text(queues.get(account.id, PollQueue())),
            connector_problem_text(check.code) if check.code else "It answers, and the key is accepted.",
            *([f"({check.detail})"] if check.detail else []),
        ]
        out.write("\t".join(facts))
    if not good:
        sys.exit(1)


def queue_text(queue: PollQueue) -> str:
    """Say how the parcels of an account wait."""
    oldest = f", the oldest since {last_success_text(queue.oldest_due_at)}" if queue.oldest_due_at else ""
    return f"{queue.parcels} parcels, {queue.due} due{oldest}"


def credentials_in_file(file: Path, expected: Sequence[str]) -> dict[str, str]:
    """Read lines of NAME=VALUE, or the one value where one is expected. Raises: CommandError."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
    if len(expected) == 1 and len(lines) == 1 and not lines[0].startswith(f"{expected[0]}="):
        return {expected[0]: lines[0]}
    return dict(_setting(line) for line in lines)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError("Write NAME=VALUE.")
    return name.strip(), value.strip()
