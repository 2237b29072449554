"""How an account with a carrier or shop platform fares, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.connector_accounts.models import ConnectorAccount

ANSWERED, NOT_ASKED, FAILING = "answered", "not-asked", "failing"
_PROBLEMS = {
    "unreachable": gettext_lazy(
        "It cannot be reached, did not answer in time, or says that it is out of order. We ask again by ourselves."
    ),
    "key-refused": gettext_lazy(
        "The key is refused: it is wrong, has ended, or may not be used for this. Set up the account again with a "
        "valid key."
    ),
    "key-unreadable": gettext_lazy(
        "The key was sealed with a secret key that this installation does not have any more. Set up the account "
        "again, or add the former secret key to LOSTPOST_SECRET_KEY_FALLBACKS."
    ),
    "too-many-calls": gettext_lazy(
        "It wants fewer calls: we wait as long as it asks. If that happens often, lower the calls of a day, or agree "
        "on more."
    ),
    "answer-unusable": gettext_lazy(
        "It answers strangely: not in the form that it documents, or about something else. Nothing was taken in."
    ),
}


def connector_account_state(account: ConnectorAccount) -> str:
    """Return one of "failing" (the newest call failed), "not-asked" (there was no answer yet) and "answered"."""
    if account.problem:
        return FAILING
    return ANSWERED if account.answered_at else NOT_ASKED


def connector_account_text(account: ConnectorAccount) -> str:
    """Say what is wrong with an account and what to do, or that nothing is."""
    match connector_account_state(account):
        case "failing":
            return connector_problem_text(account.problem)
        case "not-asked":
            return _("It was not asked yet. It is once a parcel of it is silent; or check it with lostpost connect.")
    return _("The newest call was answered.")


def carriers_not_asked_text(carriers: Sequence[str]) -> str:
    """Say that carriers could not be asked once more before a write-off. Args: `carriers`: their titles."""
    sentence = _("We could not ask %(carriers)s once more before the write-off: what we knew already counted.")
    return sentence % {"carriers": ", ".join(carriers)}


def connector_problem_text(code: str) -> str:
    """Say what a problem is, and what to do."""
    return str(_PROBLEMS.get(code, code))
