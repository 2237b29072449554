"""Note what says that a parcel was found: the first opens its case, what follows is gathered there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.received_messages import query_to_go_on_with
from lostpost.customer_queries.timeline import add_entry
from lostpost.found_parcels.models import FoundCase, FoundEvidence
from lostpost.found_parcels.states import State, move
from lostpost.found_parcels.units_left import anything_left
from lostpost.orders.models import Parcel
from lostpost.writeoffs.models import WriteOff

Kind = FoundEvidence.Kind


class Evidence(NamedTuple):
    """What says it. `key`: the same again is noted once."""

    kind: FoundEvidence.Kind
    key: str
    at: datetime
    text: str = ""
    data: dict[str, Any] = {}


def note_evidence(
    write_off: WriteOff,
    parcel: Parcel,
    evidence: Evidence,
    *,
    query: CustomerQuery,
    now: datetime,
    by: Actor | None = None,
) -> FoundCase | None:
    """Note it on the case of the write-off and the parcel; return the case, or None where nothing is left to decide.

    The seller hears of what opens the case, and of each scan with another status; what the customer wrote stands on the
    timeline by itself. A case that ended without an answer is open again once a person says something.

    Args: `query`: in which the case is to be settled if there is none yet. The caller has locked all queries of its
    order, as the case may be in another: what comes after the first entry can wait for none.
    """
    case = FoundCase.objects.filter(
        seller_id=write_off.seller_id, write_off_id=write_off.id, parcel_id=parcel.id
    ).first()
    if case is None:
        return _open(write_off, parcel, evidence, query=query, now=now, by=by)
    if not _add(case, _with_key(evidence, case), now=now, by=by):
        return case
    query = _query_of(case, query)
    if case.state == State.UNANSWERED and evidence.kind != Kind.SCAN:
        move(case, query, State.OPEN, now=now)
    if evidence.kind != Kind.CUSTOMER:
        _announce(query, "found.seen-again", case, parcel, evidence, now=now, by=by)
    return case


def _open(
    write_off: WriteOff,
    parcel: Parcel,
    evidence: Evidence,
    *,
    query: CustomerQuery,
    now: datetime,
    by: Actor | None,
) -> FoundCase | None:
    if not anything_left(write_off.seller_id, write_off.id, parcel.id):
        return None
    query = query_to_go_on_with(query, now=now)
    count = FoundCase.objects.filter(seller_id=write_off.seller_id, write_off_id=write_off.id).count()
    case = FoundCase(
        seller_id=write_off.seller_id,
        number=f"{write_off.number}-F{count + 1}",
        write_off_id=write_off.id,
        parcel_id=parcel.id,
        order_id=write_off.order_id,
        query_id=query.id,
        state=State.UNANSWERED,  # `move` opens it, and counts it.
        opened_at=now,
        ended_at=now,
    )
    case.save(force_insert=True)
    _add(case, evidence, now=now, by=by)
    move(case, query, State.OPEN, now=now)
    _announce(query, "found.opened", case, parcel, evidence, now=now, by=by)
    return case


def _with_key(evidence: Evidence, case: FoundCase) -> Evidence:
    """Let a report that it came back count once more after the case ended without an answer."""
    if evidence.kind != Kind.CAME_BACK or case.state != State.UNANSWERED:
        return evidence
    noted = FoundEvidence.objects.filter(seller_id=case.seller_id, case_id=case.id, kind=Kind.CAME_BACK)
    return evidence._replace(key=f"{evidence.key}-{count + 1}") if (count := noted.count()) else evidence


def _add(case: FoundCase, evidence: Evidence, *, now: datetime, by: Actor | None) -> bool:
    """Add it to a case that the caller has locked by its order; return whether it is new."""
    _row, new = FoundEvidence.objects.get_or_create(
        seller_id=case.seller_id,
        case_id=case.id,
        kind=evidence.kind,
        key=evidence.key,
        defaults={
            "at": evidence.at,
            "noted_at": now,
            "text": evidence.text,
            "data": evidence.data,
            "by_name": by.name if by else "",
        },
    )
    return new


def _query_of(case: FoundCase, query: CustomerQuery) -> CustomerQuery:
    if case.query_id == query.id:
        return query
    own = CustomerQuery.objects.select_for_update().get(seller_id=case.seller_id, id=case.query_id)
    own.order = query.order
    return own


def _announce(
    query: CustomerQuery,
    kind: str,
    case: FoundCase,
    parcel: Parcel,
    evidence: Evidence,
    *,
    now: datetime,
    by: Actor | None,
) -> None:
    add_entry(
        query,
        kind,
        now=now,
        by=by,
        text=evidence.text if evidence.kind == Kind.CAME_BACK else "",
        number=case.number,
        parcel=parcel.code,
        tracking_number=parcel.tracking_number,
        by_what=evidence.kind.value,
        **evidence.data,
    )
