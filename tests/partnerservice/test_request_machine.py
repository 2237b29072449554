"""Whatever three agents, a seller, a customer and a carrier do in whatever order: requests and overrides stay true."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lostpost.accounts.actor import Actor
from lostpost.audit.verify import verify
from lostpost.core.errors import Refused
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.receive_message import receive_message
from lostpost.orders.models import ParcelUnit
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.assign_request import assign_request
from lostpost.partnerservice.inquire import Party, inquire, reply_to_inquiry, resume_request
from lostpost.partnerservice.models import Override, PartnerserviceRequest, RequestStep
from lostpost.partnerservice.propose_override import propose_override
from lostpost.partnerservice.settle_override import confirm_override, reject_override
from lostpost.partnerservice.write_off_overridden import write_off_overridden
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, a_staff_member, all_of
from tests.partnerservice.cases import REASON, a_request
from tests.searching import examples

pytestmark = pytest.mark.django_db

ACTS = (
    *("take", "put-back", "ask-seller", "ask-customer", "reply", "customer-writes", "resume", "answer", "decline"),
    *("propose", "propose-desk", "confirm", "confirm", "confirm", "reject", "desk-writes", "seller-writes", "scan"),
    *("close", "day-passes"),
)


class Play:
    """One request, and everybody who may do something about it."""

    def __init__(self, seller: Actor, agents: list[Actor], request: PartnerserviceRequest) -> None:
        self.seller, self.agents, self.request = seller, agents, request
        self.query = CustomerQuery.objects.get(seller_id=request.seller_id, id=request.query_id)
        self.now, self.keys = NOW, 0

    def do(self, act: str, who: int) -> None:
        """Do it, or be refused: a refusal must have changed nothing."""
        by = self.agents[who]
        named: dict[str, Any] = {"seller_id": self.seller.seller_id, "request_id": self.request.id, "now": self.now}
        override = Override.objects.filter(request_id=self.request.id).order_by("-proposed_at", "-id").first()
        settling = {**named, "override_id": override.id if override else self.request.id, "by": by}
        self.now += timedelta(minutes=1)
        self.keys += 1
        until = self.now.date() + timedelta(days=3)
        acts: dict[str, Callable[[], Any]] = {
            "take": lambda: assign_request(**named, to=by, expected=None, by=by),
            "put-back": lambda: assign_request(**named, to=None, expected=by.user_id, by=by),
            "ask-seller": lambda: inquire(**named, of=Party.SELLER, question="Who signed?", by=by),
            "ask-customer": lambda: inquire(**named, of=Party.CUSTOMER, question="Did it come?", by=by),
            "resume": lambda: resume_request(**named),
            "answer": lambda: answer_request(**named, answer="No.", declined=False, by=by),
            "decline": lambda: answer_request(**named, answer="No.", declined=True, by=by),
            "propose": lambda: propose_override(**named, reason=REASON, until_on=until, writes_off=False, by=by),
            "propose-desk": lambda: propose_override(**named, reason=REASON, until_on=until, writes_off=True, by=by),
            "confirm": lambda: confirm_override(**settling),
            "reject": lambda: reject_override(**settling, reason="Not yet."),
            "desk-writes": lambda: self.desk_writes_off(override),
            "reply": lambda: reply_to_inquiry(
                request_id=self.request.id, reply="Nobody.", by=self.seller, now=self.now
            ),
            "customer-writes": lambda: receive_message(
                seller_id=self.seller.seller_id, number=self.query.number, message="No.", now=self.now
            ),
            "seller-writes": self.seller_writes_off,
            "scan": lambda: a_scan(self.query.order.parcels.get(), days=0, now=self.now),
            "close": lambda: close_query(number=self.query.number, by=self.seller, now=self.now),
            "day-passes": self.wait_a_day,
        }
        acts[act]()

    def desk_writes_off(self, override: Override | None) -> None:
        if override and override.state == "confirmed" and override.writes_off:
            write_off_overridden(seller_id=self.seller.seller_id, override_id=override.id, now=self.now)

    def seller_writes_off(self) -> None:
        key, selection = f"seller-{self.keys:04}", all_of(self.query)
        write_off(query=self.query.number, selection=selection, by=self.seller, key=key, now=self.now)

    def wait_a_day(self) -> None:
        self.now += timedelta(days=1)

    def check(self) -> None:
        """Hold what must be true after every act."""
        request = PartnerserviceRequest.objects.get(id=self.request.id)
        overrides = list(Override.objects.filter(request_id=request.id))
        confirmed = [each for each in overrides if each.state == "confirmed"]
        assert len(confirmed) <= 1
        assert (request.outcome == "approved") == bool(confirmed)
        assert all(each.settled_by_user_id != each.proposed_by_user_id for each in confirmed)
        assert not (request.state == "answered" and [each for each in overrides if each.state == "proposed"])
        lifted = ParcelUnit.objects.filter(seller_id=request.seller_id).exclude(override=None)
        write_offs = list(WriteOff.objects.filter(seller_id=request.seller_id))
        assert not ((lifted.exists() or write_offs) and not confirmed)
        assert len(write_offs) <= 1
        assert not (lifted.exists() and write_offs)
        kinds = list(RequestStep.objects.filter(request_id=request.id).order_by("id").values_list("kind", flat=True))
        assert kinds.count("proposed") == len(overrides)
        assert (kinds[-1] in ("answered", "declined", "approved", "not-written-off")) == (request.state == "answered")


def as_of_a_test() -> transaction.Atomic:
    """Open a savepoint inside which durable commands run."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    return around


@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2)), min_size=4, max_size=14))
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_requests_and_overrides_stay_true_whatever_is_done(anna, agents, acts):
    with as_of_a_test():
        play = Play(anna, agents, a_request(anna))
        for act, who in acts:
            with suppress(Refused), as_of_a_test():
                play.do(act, who)
            play.check()
        assert list(verify(anna.seller)) == []
        transaction.set_rollback(True)


@pytest.fixture
def agents(db: None) -> list[Actor]:
    return [a_staff_member(name, "partnerservice") for name in ("Pia", "Puck", "Pim")]
