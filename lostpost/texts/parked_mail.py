"""Why an e-mail that came in was parked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PARKED_MAIL = {
    "too-many": _("Many e-mails came in a short time: another program may be writing."),
    "unknown-report": _("A mail server reports about an e-mail that is not known here."),
    "no-order": _("It is not clear which order it is about: the sender must be its customer, and name one order."),
    "automatic": _("A machine wrote to the shop's address."),
    "not-of-the-shop": _("The sender is nobody of the shop."),
    "no-text": _("There is no new text in it."),
    "query-not-open": _("The shop answered in a customer query that is handled."),
    "query-with-partnerservice": _("The shop answered in a customer query that Partnerservice has."),
}
UNREADABLE = _("It could not be read within the limits: it is built in an unusual way.")


def parked_mail_text(reason: str) -> str:
    """Say why; what has no sentence of its own could not be read."""
    return str(PARKED_MAIL.get(reason, UNREADABLE))
