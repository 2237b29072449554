"""Partnerservice: how the accounts with carriers and shop platforms fare that we ask."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lostpost.accounts.models import Seller
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.account_queues import account_queues
from lostpost.connectors.registry import CONNECTORS
from lostpost.core.sql import database_now
from lostpost.desk.access import DeskRequest, staff
from lostpost.texts.connectors import connector_account_state, connector_account_text

MOST_SHOWN = 200


@staff("partnerservice")
@require_safe
def connectors(request: DeskRequest) -> HttpResponse:
    """List the accounts, those that fail first."""
    now = database_now()
    accounts = list(ConnectorAccount.objects.order_by("connector", "made_at"))
    shown = sorted(accounts, key=lambda each: not each.problem)[:MOST_SHOWN]
    names = dict(
        Seller.objects.filter(id__in=[each.shop_id for each in shown if each.shop_id]).values_list("id", "name")
    )
    queues = account_queues(accounts, now=now)
    rows = [
        {
            "row": account,
            "title": CONNECTORS[account.connector].title if account.connector in CONNECTORS else account.connector,
            "shop": names.get(account.shop_id, "") if account.shop_id else "",
            "state": connector_account_state(account),
            "text": connector_account_text(account),
            "calls": account.calls if account.day == now.astimezone(UTC).date() else 0,
            "paused_until": account.next_call_at if account.problem and _ahead(account, now) else None,
            "queue": queues.get(account.id),
        }
        for account in shown
    ]
    return render(request, "desk/connectors.html", {"rows": rows, "more": len(accounts) > MOST_SHOWN})


def _ahead(account: ConnectorAccount, now: datetime) -> bool:
    return bool(account.next_call_at and account.next_call_at > now)
