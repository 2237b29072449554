"""How a sales channel fares, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.sales_channels.models import SalesChannel
from lostpost.texts.connectors import connector_problem_text

FAULT = "fault"  # Ours; other problems are those of `connectors.remote_apis`.
_CREDENTIALS = {
    "client_id": gettext_lazy("Client id"),
    "client_secret": gettext_lazy("Client secret"),
    "site": gettext_lazy("Address of the shop"),
    "consumer_key": gettext_lazy("Consumer key"),
    "consumer_secret": gettext_lazy("Consumer secret"),
}
_KINDS = {
    "order": gettext_lazy("Order"),
    "parcel": gettext_lazy("Parcel"),
    "return": gettext_lazy("Return"),
    "scan": gettext_lazy("Scan"),
}
_HOOKS = {
    "hook-not-made": gettext_lazy(
        "The last run went well. The key may not make webhooks, so changes come every ten minutes instead of at once."
    ),
    "hook-disabled": gettext_lazy(
        "The platform has disabled the webhook, and the key may not enable it: enable it there. Until then changes "
        "come every ten minutes."
    ),
    "hook-enabled-again": gettext_lazy(
        "The last run went well. The platform had disabled the webhook; it was enabled again, and what it missed was "
        "fetched."
    ),
}
_FAULT = gettext_lazy("Something went wrong here, and the operator's log says what. It is tried again by itself.")


def channel_state(row: SalesChannel) -> str:
    """Return one of "paused", "failing" (the last run failed), "waiting" (there was none yet) and "working"."""
    if row.state == SalesChannel.State.PAUSED:
        return "paused"
    if row.problem:
        return "failing"
    if row.hook_problem == "hook-disabled":
        return "failing"
    return "working" if row.succeeded_at else "waiting"


def channel_text(row: SalesChannel) -> str:
    """Say what is wrong with a channel and what to do, or that nothing is."""
    match channel_state(row):
        case "paused":
            return _("Nothing is fetched until it is resumed; then it goes on where it stopped.")
        case "failing":
            if not row.problem:
                return str(_HOOKS[row.hook_problem])
            return platform_problem_text(row.problem, row.problem_detail)
        case "waiting":
            return _("Nothing was fetched yet; the first run begins within minutes.")
    return str(_HOOKS.get(row.hook_problem, "")) or _("The last run went well.")


def platform_problem_text(problem: str, detail: str) -> str:
    """Say a problem, with the platform's own words behind it."""
    sentence = str(_FAULT) if problem == FAULT else connector_problem_text(problem)
    return f"{sentence} ({detail})" if detail else sentence


def credential_text(name: str) -> str:
    """Say what a platform calls a credential; its name where we have no words."""
    return str(_CREDENTIALS.get(name, name))


def record_kind_text(kind: str) -> str:
    """Say what kind of record was refused."""
    return str(_KINDS.get(kind, kind))
