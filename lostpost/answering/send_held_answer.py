"""Send an answer that was held, once its time has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from lostpost.accounts.actor_again import actor_again
from lostpost.accounts.models import Seller
from lostpost.answering.answer_query import answer_query
from lostpost.answering.hold_answer import give_back
from lostpost.answering.models import AnswerDraft
from lostpost.core.errors import Refused
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.timeline import lock_query


def send_held_answer(*, seller_id: UUID, draft_id: UUID, now: datetime) -> None:
    """Send an answer whose time has come, or give it back as a draft with the reason; else nothing happens.

    Safe to break off and repeat: from the moment at which it cannot be undone any more it is sent with its key.
    """
    draft = _begun(seller_id, draft_id, now)
    if draft is None:
        return
    query = draft.query
    by = actor_again(seller_id=seller_id, user_id=draft.user_id, client_id="")
    with translation.override(Seller.objects.values_list("language", flat=True).get(id=seller_id)):
        try:
            if by is None:
                give_back(draft, problem=_("You may not write in this shop any more."), now=now)
                return
            answer_query(
                number=query.number,
                message=draft.text,
                leave_open=bool(draft.leave_open),
                last_message_id=draft.last_message_id,
                attachments=[UUID(file) for file in draft.held_files],
                by=by,
                key=draft.held_key,
                now=now,
            )
        except Refused as refusal:
            give_back(draft, problem=str(refusal), now=now)


def held_answers(*, until: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Return answers of all shops whose time had come at an instant, the oldest first: by seller and the draft's id."""
    with cross_seller("answers that were held and that no job sent"):
        rows = AnswerDraft.objects.filter(held_until__lte=until)
        return list(rows.order_by("held_until", "seller_id", "id").values_list("seller_id", "id")[:most])


@transaction.atomic(durable=True)
def _begun(seller_id: UUID, draft_id: UUID, now: datetime) -> AnswerDraft | None:
    """Return a held answer whose time has come, with its query; from now on it cannot be undone."""
    rows = AnswerDraft.objects.select_related("query").filter(seller_id=seller_id, id=draft_id, held_until__lte=now)
    number = rows.values_list("query__number", flat=True).first()
    if number is None:
        return None
    lock_query(number, seller_id=seller_id)
    draft = rows.first()
    if draft:
        AnswerDraft.objects.filter(seller_id=seller_id, id=draft.id).update(held_sending=True)
    return draft
