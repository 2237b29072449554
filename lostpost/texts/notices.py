"""What notices say, and what their kinds are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lostpost.notices.models import Notice
from lostpost.texts.disarming import disarm_text
from lostpost.texts.states import state_text

_KINDS: Mapping[str, Promise] = {
    "answer": _("Partnerservice answers what you asked"),
    "mention": _("Somebody mentions you in a note"),
    "assigned": _("A customer query is assigned to you"),
    "unsent": _("An e-mail of yours does not reach the customer"),
    "message": _("A customer writes"),
    "overdue": _("A customer waits for too long"),
    "decision": _("Partnerservice answers a request of the shop"),
    "found": _("A parcel that was written off is found"),
    "refund": _("A refund fails"),
    "invoice": _("A sales invoice is issued or paid"),
    "hold": _("Write-offs are put on hold or released"),
    "batch": _("A batch of write-offs waits for a second person"),
    "armed": _("A write-off that you armed is carried out or disarmed"),
    "people": _("Somebody joins or leaves, or may do something else"),
    "handed-over": _("A request is handed to you"),
    "reply": _("A seller replies to a request that you have"),
}
_REQUEST = "request-"  # Of a desk's kinds; what follows is the kind of request.
NOTICE_TIMINGS: Mapping[str, Promise] = {
    "at-once": _("At once"),
    "daily": _("In the daily digest"),
    "none": pgettext_lazy("notices", "Not at all"),
}
_SENTENCES: Mapping[str, Promise] = {
    "partnerservice.answered": _("Partnerservice answered about order %(order)s."),
    "partnerservice.approved": _("Partnerservice approved what was asked about order %(order)s."),
    "partnerservice.declined": _("Partnerservice declined what was asked about order %(order)s."),
    "partnerservice.released": _("Partnerservice released the hold on write-offs that began with order %(order)s."),
    "partnerservice.upheld": _("Partnerservice upheld the hold on write-offs that began with order %(order)s."),
    "partnerservice.inquired": _("Partnerservice asks you something about order %(order)s."),
    "partnerservice.not-written-off": _("What Partnerservice approved of order %(order)s could not be written off."),
    "partnerservice.asked": _("%(shop)s asks about order %(order)s: %(about)s."),
    "partnerservice.replied": _("%(shop)s replied about order %(order)s: %(about)s."),
    "partnerservice.handed-over": _("The request of %(shop)s about order %(order)s was handed to you: %(about)s."),
    "customer-query.mentioned": _("You are mentioned in a note about order %(order)s."),
    "customer-query.assigned": _("The customer query about order %(order)s was assigned to you."),
    "message.received": _("The customer of order %(order)s wrote."),
    "mail.failed": _("Your e-mail about order %(order)s did not reach the customer."),
    "customer-query.overdue": _("The customer of order %(order)s has waited for an answer for too long."),
    "refund.failed": _("A refund of order %(order)s failed."),
    "found-parcel.opened": _("A parcel of order %(order)s that was written off turned up. Decide what follows."),
    "found-parcel.agreed": _("The customer of order %(order)s agreed to pay again for what came after all."),
    "found-parcel.declined": _("The customer of order %(order)s does not pay again, or says that nothing came."),
    "found-parcel.unanswered": _("The customer of order %(order)s did not answer whether they pay again."),
    "found-parcel.not-paid": _("The customer of order %(order)s agreed to pay again, and the payment did not come."),
    "found-parcel.returned": _("What was written off of order %(order)s was taken back as a return."),
    "invoice.issued": _("The sales invoice %(invoice)s was issued."),
    "invoice.paid": _("The sales invoice %(invoice)s was paid."),
    "hold.placed": _("Write-offs are on hold, as of order %(order)s."),
    "write-off.carried-out": _("The write-off of order %(order)s that you armed was carried out."),
    "write-off.disarmed": _("The write-off of order %(order)s that you armed was disarmed: %(because)s"),
    "write-off-batch.submitted": _("A batch of write-offs waits for a second person to decide."),
    "member.joined": _("%(name)s is in the shop now."),
    "member.left": _("%(name)s is in the shop no longer."),
    "member.changed": _("What %(name)s may do in the shop was changed."),
}


def notice_kind_text(code: str) -> str:
    """Return what a kind of notice is called."""
    if code.startswith(_REQUEST):
        return gettext("New request: %(kind)s") % {"kind": state_text("request-kind", code.removeprefix(_REQUEST))}
    return str(_KINDS[code])


def notice_text(notice: Notice) -> str:
    """Return the sentence of a notice; of an event without one of its own, what its kind is called, and the order."""
    data: Mapping[str, Any] = notice.data
    about = data.get("about", "")
    named = {
        "order": data.get("order_number", ""),
        "name": data.get("name", ""),
        "invoice": data.get("number", ""),
        "shop": notice.seller.name,
        "about": state_text("request-kind", about),
        "because": disarm_text(data.get("because", "")),
    }
    sentence = _SENTENCES.get(notice.event)
    if sentence is not None:
        return str(sentence) % named
    kind = notice_kind_text(notice.kind)
    return f"{kind} ({named['order']})" if named["order"] else kind
