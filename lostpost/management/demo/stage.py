"""Play a plan: every step by the very command that the pages use, at its moment in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.answering.answer_query import answer_query
from lostpost.answering.start_contact import start_contact
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.customer_queries.settle_mail import mark_mail_failed
from lostpost.customer_queries.timeline import add_entry
from lostpost.found_parcels.look_at_scans import look_at_scans
from lostpost.holds.models import Hold
from lostpost.holds.place_hold import REQUEST_OF_HOLD, place_hold
from lostpost.imports.progress import Progress
from lostpost.intake.put_orders import put_orders
from lostpost.intake.put_parcels import put_parcel, put_parcels
from lostpost.intake.put_returns import put_return
from lostpost.management.demo.finish import credit_customers_abroad, forget_waiting_jobs, record_mail_as_sent
from lostpost.management.demo.plan import PlannedOrder, PlannedParcel, PlannedScan, PlannedShop
from lostpost.orders.data import CustomerInvoiceData, OrderData, Outcome, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.models import Order, Parcel
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_about_query import ask_about_query
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.settle_hold import appeal_hold, open_hold_request
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.tracking.newest_scan import SCANNED_AFTER_WRITE_OFF
from lostpost.tracking.put_scans import put_scans
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off

FEED = timedelta(hours=12)  # How often the carriers send scans.
END = timedelta(0)  # Midnight before the day of the demo: everything happened before, at whatever time it is built.


@dataclass(frozen=True)
class Calendar:
    """Turns the plan's moments into instants: wall-clock times of the marketplace's zone around one day."""

    now: datetime
    zone: ZoneInfo

    def at(self, moment: timedelta) -> datetime:
        """Give the instant of a moment."""
        midnight = datetime.combine(self.now.astimezone(self.zone).date(), time(), tzinfo=UTC)
        return (midnight + moment).replace(tzinfo=self.zone).astimezone(UTC)


@dataclass
class Stage:
    """One shop while its plan is played; `now` is the moment of the act that is on."""

    seller: Seller
    people: Mapping[str, Actor]
    staff: Mapping[str, Actor]
    calendar: Calendar
    now: datetime
    queries: dict[str, str] = field(default_factory=dict)  # The newest query of each order.
    requests: dict[str, UUID] = field(default_factory=dict)  # The newest request of each order.
    acts: int = 0

    # What the shop's people do

    def contact(
        self, order: PlannedOrder, message: str, *, by: str, subject: str, leave_open: bool = True, item: str = ""
    ) -> None:
        """Start customer contact."""
        query = start_contact(
            order_number=order.number,
            subject=subject,
            message=message,
            leave_open=leave_open,
            by=self.people[by],
            key=self._key(order),
            now=self.now,
            item=item,
        )
        self.queries[order.number] = query.number

    def answer(self, order: PlannedOrder, message: str, *, by: str, leave_open: bool = True) -> None:
        """Write to the customer again."""
        answer_query(
            number=self.queries[order.number],
            message=message,
            leave_open=leave_open,
            by=self.people[by],
            key=self._key(order),
            now=self.now,
        )

    def note(self, order: PlannedOrder, text: str, *, by: str) -> None:
        """Write something down for the shop alone."""
        add_note(number=self.queries[order.number], text=text, by=self.people[by], key=self._key(order), now=self.now)

    def put_aside(self, order: PlannedOrder, state: str, *, by: str) -> None:
        """Wait for the customer, or for a later day."""
        later = state == CustomerQuery.State.FOLLOW_UP_LATER
        day = self.calendar.now.astimezone(self.calendar.zone).date() + timedelta(days=2) if later else None
        put_aside(number=self.queries[order.number], state=state, by=self.people[by], now=self.now, follow_up_on=day)

    def close(self, order: PlannedOrder, *, by: str) -> None:
        """Close the query."""
        close_query(number=self.queries[order.number], by=self.people[by], now=self.now)

    def reopen(self, order: PlannedOrder, *, by: str) -> None:
        """Reopen the query."""
        reopen_query(number=self.queries[order.number], by=self.people[by], now=self.now)

    def write_off(self, order: PlannedOrder, units: dict[tuple[int, str], int], *, by: str) -> None:
        """Write units off: {(number of the parcel, item): quantity}."""
        selection = [
            SelectedUnits(f"{order.number}-{parcel}", item, quantity) for (parcel, item), quantity in units.items()
        ]
        write_off(
            query=self.queries[order.number],
            selection=selection,
            by=self.people[by],
            key=self._key(order),
            now=self.now,
        )

    def ask(self, order: PlannedOrder, sentence: str, *, by: str, parcel: int = 1, item: str = "1") -> None:
        """Ask Partnerservice about units."""
        request = ask_partnerservice(
            query=self.queries[order.number],
            parcel=f"{order.number}-{parcel}",
            item=item,
            sentence=sentence,
            by=self.people[by],
            now=self.now,
        )
        self.requests[order.number] = request.id

    def ask_about(self, order: PlannedOrder, kind: str, sentence: str, *, by: str) -> None:
        """Ask Partnerservice about the query as a whole: "found" or "refund-failed"."""
        request = ask_about_query(
            query=self.queries[order.number], kind=kind, sentence=sentence, by=self.people[by], now=self.now
        )
        self.requests[order.number] = request.id

    def appeal(self, order: PlannedOrder, sentence: str, *, by: str) -> None:
        """Appeal against the hold on the order's write-offs."""
        hold = Hold.objects.get(seller_id=self.seller.id, order__number=order.number)
        appeal_hold(hold_id=hold.id, sentence=sentence, by=self.people[by], now=self.now)

    # What others do

    def receive(self, order: PlannedOrder, message: str) -> None:
        """Receive a message of the customer."""
        receive_message(seller_id=self.seller.id, number=self.queries[order.number], message=message, now=self.now)

    def answer_request(self, order: PlannedOrder, answer: str, *, by: str = "pia") -> None:
        """Answer the shop's request to Partnerservice."""
        answer_request(
            seller_id=self.seller.id,
            request_id=self.requests[order.number],
            answer=answer,
            by=self.staff[by],
            now=self.now,
        )

    def hold(self, order: PlannedOrder, reason: str, *, by: str = "pia") -> None:
        """Hold the order's write-offs, and do what the job does that brings the hold into the queue."""
        hold = place_hold(
            seller_id=self.seller.id,
            query=self.queries[order.number],
            kind=Hold.Kind.ORDER,
            reason=reason,
            by=self.staff[by],
            now=self.now,
        )
        open_hold_request(seller_id=self.seller.id, hold_id=hold.id, now=self.now)
        forget_waiting_jobs(self.seller, REQUEST_OF_HOLD)

    def refund_paid(self, order: PlannedOrder, reference: str, *, which: int = 1, by: str = "fien") -> None:
        """Pay a refund of the query: the first one, or number `which`."""
        number = f"{self.queries[order.number]}-{which}"
        mark_refund_paid(seller_id=self.seller.id, number=number, reference=reference, by=self.staff[by], now=self.now)

    def refund_failed(self, order: PlannedOrder, problem: str, *, which: int = 1, by: str = "fien") -> None:
        """Find that a refund cannot be paid."""
        number = f"{self.queries[order.number]}-{which}"
        mark_refund_failed(seller_id=self.seller.id, number=number, problem=problem, by=self.staff[by], now=self.now)

    def retry_refund(self, order: PlannedOrder, *, which: int = 1, by: str = "fien") -> None:
        """Retry a failed refund."""
        number = f"{self.queries[order.number]}-{which}"
        retry_refund(seller_id=self.seller.id, number=number, by=self.staff[by], now=self.now)

    def look_at_scans(self, order: PlannedOrder) -> None:
        """Do what a job does: look whether parcels of the order moved after they were written off."""
        parcels = Parcel.objects.filter(seller_id=self.seller.id, order__number=order.number)
        for parcel_id in parcels.order_by("id").values_list("id", flat=True):
            look_at_scans(seller_id=self.seller.id, parcel_id=parcel_id, now=self.now)
        forget_waiting_jobs(self.seller, SCANNED_AFTER_WRITE_OFF)

    def put_return(self, data: ReturnData) -> None:
        """Register a return."""
        put_return(seller=self.seller, data=data, now=self.now)

    def correct_number(self, parcel: PlannedParcel, number: str) -> None:
        """Set another Track & Trace number."""
        put_parcel(seller=self.seller, parcel=parcel_data(parcel, self.calendar, number=number), now=self.now)

    def refuse_mail(self, order: PlannedOrder, problem: str) -> None:
        """Let the customer's mail server refuse what was sent last."""
        query = self._query(order)
        mail = Mail.objects.filter(seller_id=self.seller.id, query_id=query.id, state=Mail.State.QUEUED).last()
        assert mail
        mark_mail_failed(seller_id=self.seller.id, mail_id=mail.id, problem=problem, now=self.now)

    # What no command of ours does: it is the outside world's to do, and is written down as it would be

    def send_refund(self, order: PlannedOrder, *, which: int = 1) -> None:
        """Mark a refund as sent by a payment provider."""
        query = self._query(order)
        refund = Refund.objects.get(seller_id=self.seller.id, number=f"{query.number}-{which}")
        Refund.objects.filter(seller_id=self.seller.id, id=refund.id).update(
            state=Refund.State.SENT, sent_at=self.now, gateway="demo"
        )
        Order.objects.filter(seller_id=self.seller.id, id=refund.order_id).update(payment_provider="demo")
        add_entry(
            query,
            "refund.sent",
            now=self.now,
            number=refund.number,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
        )

    def hand_over(self, order: PlannedOrder) -> None:
        """Let Partnerservice take the query over."""
        hand_to_partnerservice(
            seller_id=self.seller.id,
            number=self.queries[order.number],
            reason="The customer called us; we look at it first.",
            by=self.staff["pia"],
            now=self.now,
        )

    def _query(self, order: PlannedOrder) -> CustomerQuery:
        return CustomerQuery.objects.get(seller_id=self.seller.id, number=self.queries[order.number])

    def _key(self, order: PlannedOrder) -> str:
        self.acts += 1
        return f"demo-{order.number}-{self.acts}"


def play(shop: PlannedShop, stage: Stage, progress: Progress) -> None:
    """Play one shop's plan from its first moment to its last, then post its e-mails."""
    calendar = stage.calendar
    orders = list(shop.orders.values())
    parcels = [parcel for order in orders for parcel in order.parcels]
    _all_in(put_orders(seller=stage.seller, orders=[_order_data(order, calendar) for order in orders], now=stage.now))
    _all_in(
        put_parcels(seller=stage.seller, parcels=[parcel_data(parcel, calendar) for parcel in parcels], now=stage.now)
    )
    scans = sorted(
        ((scan.received or scan.at, parcel.code, scan) for parcel in parcels for scan in parcel.scans),
        key=lambda each: (each[0], each[2].at, each[1]),
    )
    acts = sorted(shop.acts, key=lambda act: act.at)
    feeds = sorted({_received_at(scan) for _known_from, _code, scan in scans})
    assert all(act.at < END for act in acts), "an act would lie in the future"
    assert all(feed < END for feed in feeds), "a scan would be heard of in the future"
    due = sorted([*((feed, 0, None) for feed in feeds), *((act.at, 1, act) for act in acts)], key=lambda each: each[:2])
    for moment, _rank, act in due:
        stage.now = calendar.at(moment)
        # Scans before an act are received by then: somebody looked.
        ready = [scan for scan in scans if scan[0] <= moment]
        if ready:
            del scans[: len(ready)]
            _take_scans(stage, ready)
        if act:
            act.do(stage)
        progress.advance()
    record_mail_as_sent(stage.seller)
    credit_customers_abroad(stage.seller)


def steps(shop: PlannedShop) -> int:
    """Count the steps of a plan, for the progress bar."""
    feeds = {_received_at(scan) for order in shop.orders.values() for parcel in order.parcels for scan in parcel.scans}
    return len(feeds) + len(shop.acts)


def parcel_data(parcel: PlannedParcel, calendar: Calendar, *, number: str = "") -> ParcelData:
    """Describe a planned parcel as the shop's own software would."""
    return ParcelData(
        code=parcel.code,
        order_number=parcel.order.number,
        shipping_method=parcel.shipping_method,
        shipped_at=calendar.at(parcel.shipped),
        units=[UnitData(item, quantity) for item, quantity in parcel.units.items()],
        carrier=parcel.carrier.name,
        tracking_number=number or parcel.tracking_number,
    )


def _order_data(order: PlannedOrder, calendar: Calendar) -> OrderData:
    placed_at = calendar.at(order.placed)
    abroad = order.customer.country != order.shop.data.country  # Who buys across a border gets an invoice.
    return OrderData(
        number=order.number,
        placed_at=placed_at,
        currency=order.currency,
        customer_name=order.customer.name,
        customer_email=order.customer.email,
        items=order.items,
        delivery_costs_minor=order.delivery_costs_minor,
        customer_language=order.customer.language,
        customer_country=order.customer.country,
        customer_postal_code=order.customer.postal_code,
        payment_provider="manual",
        customer_invoice=CustomerInvoiceData(f"F-{order.number}", placed_at.date()) if abroad else None,
    )


def _received_at(scan: PlannedScan) -> timedelta:
    """Return when the carrier's feed brings a scan: at noon or at the end of the day."""
    return scan.received or (scan.at // FEED + 1) * FEED - timedelta(seconds=1)


def _take_scans(stage: Stage, ready: Sequence[tuple[timedelta, str, PlannedScan]]) -> None:
    scans = [
        ScanData(code, stage.calendar.at(scan.at), scan.status, scan.code, scan.text, scan.place)
        for _known_from, code, scan in ready
    ]
    result = put_scans(seller=stage.seller, scans=scans, now=stage.now)
    assert not result.rejected, result.rejected


def _all_in(outcomes: Sequence[Outcome]) -> None:
    refused = [str(outcome.refusal) for outcome in outcomes if outcome.refusal]
    assert not refused, refused
