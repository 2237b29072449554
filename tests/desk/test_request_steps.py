"""What an agent does on the page of a request: take it, ask back, propose, confirm as the second one, write off."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from lostpost.customer_queries.models import TimelineEntry
from lostpost.desk.request_forms import ProposalForm
from lostpost.partnerservice.inquire import Party, inquire
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_scan, a_staff_member, all_of, row_counts, silent_parcel, user_of
from tests.partnerservice.cases import REASON, a_request, in_two_weeks, proposed
from tests.portal.pages import Read, Site

pytestmark = pytest.mark.django_db
REQUESTS = "/desk/requests/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def puck(db):
    return a_staff_member("Puck", "partnerservice")


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


def url(case):
    return f"{REQUESTS}{case.seller.code}/{case.id}/"


def get(client, path, **options):
    return Read(client.get(path, follow=True, **options))


def send(client, case, step, **values):
    return Read(client.post(url(case), {"step": step, **values}, follow=True))


def fresh(case):
    case.refresh_from_db()
    return case


def proposal(now, **values):
    return {"reason": REASON, "until_on": in_two_weeks(now).isoformat(), "who": "seller", **values}


def test_two_agents_approve_it_and_the_seller_is_shown_who_and_until_when(desk, anna, puck, now):
    case = a_request(anna, now=now)

    page = send(desk, case, "propose", **proposal(now))

    assert "Nothing changes for the seller before another agent confirms it." in page.text
    assert "Pia proposes to approve it" in page.text
    assert "Another agent has to confirm it." in page.text
    assert ("step", "confirm") not in [button for form in page.forms for button in form.buttons]

    other = Client()
    other.force_login(user_of(puck))
    page = get(other, url(case))
    for words in (REASON, "1 × Desk lamp Aurora", "€25.00", "Order too old", "The seller, once"):
        assert words in page.text, words
    (confirm,) = [form for form in page.forms if ("step", "confirm") in form.buttons]
    page = Read(other.post(url(case), confirm.filled(step="confirm"), follow=True))

    assert "Approved. The seller can write it off now, once." in page.text
    assert fresh(case).outcome == "approved"
    site = Site(Client(), anna)
    screen = site.get(site.query(case.query, "write-off/"))
    assert "decided by Pia and Puck" in screen.text
    assert "Partnerservice approved the write-off" in site.get(site.query(case.query)).text


def test_the_second_agent_writes_it_off_at_once(desk, anna, puck, now):
    case = a_request(anna, now=now)
    override = proposed(case, puck, now=now, writes_off=True)
    assert "Confirm, and write €25.00 off" in get(desk, url(case)).text

    page = send(desk, case, "confirm", override=str(override.id))

    result = WriteOff.objects.get(seller_id=anna.seller_id)
    assert f"Written off for the seller: {result.number}." in page.text
    assert result.by_name == "Pia"


def test_the_second_agent_grants_a_part_and_the_delivery_costs(desk, anna, puck, now):
    case = a_request(anna, now=now, delivery_costs_minor=4_95)
    money = {"who": "nobody", "part": "12,50", "delivery": "on"}
    page = send(desk, case, "propose", **proposal(now, **{**money, "part": "12.5.0"}))
    assert "Write an amount of EUR such as 12.50, without its sign." in page.text
    page = send(desk, case, "propose", **proposal(now, **{**money, "part": "25.01"}))
    assert page.status == 422
    assert "€25.00 for these units and €4.95 for delivery" in page.text

    send(desk, case, "propose", **proposal(now, **money))

    other = Client()
    other.force_login(user_of(puck))
    page = get(other, url(case))
    for words in ("A part of the amount", "€12.50", "€4.95", "Nobody: the customer gets money alone", "Confirm, and"):
        assert words in page.text, words
    (confirm,) = [form for form in page.forms if ("step", "confirm") in form.buttons]
    page = Read(other.post(url(case), confirm.filled(step="confirm"), follow=True))
    assert "Granted. The refund is requested" in page.text
    site = Site(Client(), anna)
    text = site.get(site.query(case.query)).text
    for words in ("Partnerservice granted the customer €17.45", "€12.50 of what was paid for", "of €4.95"):
        assert words in text, words
    other.force_login(user_of(a_staff_member("Fenna", "finance")))
    text = get(other, f"/desk/refunds/{case.seller.code}/{case.query.number}-C1/").text
    assert "A part of the amount: Desk lamp Aurora" in text


def test_the_form_of_a_proposal_is_in_the_readers_language():
    with override("nl"):
        form = ProposalForm(currency="EUR")
        assert "60 dagen" in str(form.fields["until_on"].help_text)


def test_ones_own_proposal_and_a_changed_one_are_refused_with_the_reason(desk, anna, pia, puck, now):
    case = a_request(anna, now=now)
    own = proposed(case, pia, now=now)
    page = send(desk, case, "confirm", override=str(own.id))
    assert page.status == 422
    assert "You proposed this yourself. Another agent has to confirm it." in page.text

    send(desk, case, "reject", override=str(own.id), rejection="I was wrong.")
    other = proposed(case, puck, now=now)
    a_scan(case.query.order.parcels.get(), days=1, now=now)
    page = send(desk, case, "confirm", override=str(other.id))
    assert page.status == 409
    assert "Something changed since it was proposed" in page.text
    assert Override.objects.filter(state="confirmed").count() == 0


@pytest.mark.parametrize(
    ("step", "values", "message"),
    [
        ("propose", {"reason": "", "until_on": "", "who": ""}, "Give the reason; the second agent and the seller"),
        ("propose", {"reason": "x", "until_on": "2020-01-01", "who": "desk"}, "Choose a last day from tomorrow on"),
        ("propose", {"reason": "x", "until_on": "2999-01-01", "who": "nobody"}, "Choose a last day from tomorrow on"),
        ("ask-seller", {"question": ""}, "Write your question first."),
        ("decline", {"answer": " "}, "Write an answer: the seller reads it on the timeline."),
        ("hand-over", {"agent": "0"}, "Choose somebody of Partnerservice."),
        ("confirm", {"override": "nonsense"}, "There is no such proposal."),
        ("reject", {"override": "nonsense", "rejection": "No."}, "There is no such proposal."),
        ("nonsense", {}, "Choose what to do with this request."),
    ],
)
def test_what_is_not_complete_is_refused_and_kept(desk, anna, now, step, values, message):
    case = a_request(anna, now=now)
    before = row_counts()

    page = send(desk, case, step, **values)

    assert page.status in (404, 422)
    assert "This was not done yet" in page.text
    assert message in page.text
    assert row_counts() == before


def test_it_is_taken_handed_over_and_found_under_mine(desk, anna, puck, now):
    case = a_request(anna, now=now)
    assert "You have this request now." in send(desk, case, "take", seen="").text
    assert "Pia has it" in get(desk, url(case)).text
    for assignee, listed in (("mine", True), ("unassigned", False), ("", True)):
        assert (url(case) in get(desk, REQUESTS, query_params={"assignee": assignee}).links) is listed

    page = send(desk, case, "hand-over", agent=str(puck.user_id), seen=str(fresh(case).assignee_user_id))

    assert "Puck has this request now." in page.text
    assert "Pia handed it over (Puck)" in page.text
    page = send(desk, case, "take", seen="")
    assert page.status == 409
    assert "Puck has this request now. Nothing was changed." in page.text


def test_what_waits_for_somebody_else_is_in_a_list_of_its_own(desk, anna, now):
    case = a_request(anna, now=now)
    send(desk, case, "ask-customer", question="Did it come?")
    assert url(case) not in get(desk, REQUESTS).links
    page = get(desk, REQUESTS, query_params={"state": "asked"})
    assert url(case) in page.links
    assert "Waits for the customer" in page.text
    assert "Waits for the customer" in get(desk, url(case)).text


def test_the_queue_is_filtered_by_kind(desk, anna, now):
    old, denied = a_request(anna, now=now), a_request(anna, now=now, quiet_days=20, status="delivered")
    page = get(desk, REQUESTS, query_params={"kind": "delivered"})
    assert [link for link in page.links if link in (url(old), url(denied))] == [url(denied)]
    assert "Delivered, but denied 1" in page.text
    assert "No request is like this" in get(desk, REQUESTS, query_params={"kind": "found"}).text


def test_a_request_about_the_query_as_a_whole_is_shown_and_answered(desk, anna, now):
    query = silent_parcel(anna, now=now)
    write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=now)
    site = Site(Client(), anna)
    form = site.get(site.query(query)).form("/ask-about-query/")
    page = site.post(form.action, form.filled(sentence="He has it."))
    assert "Sent to Partnerservice." in page.text
    case = PartnerserviceRequest.objects.get(kind="found")
    page = get(desk, url(case))
    for words in ("Lost, then found · €25.00", "He has it.", "Where is my parcel?", "Parcel TT-"):
        assert words in page.text, words
    assert "Propose to approve it" not in page.text
    assert "Lost, then found" in get(desk, REQUESTS).text

    send(desk, case, "answer", answer="Let him keep it.")

    assert fresh(case).outcome == "answered"


def test_a_found_parcel_needs_a_write_off(anna, now):
    query = silent_parcel(anna, now=now)
    site = Site(Client(), anna)
    assert "/ask-about-query/" not in site.get(site.query(query)).html
    page = site.post(site.query(query, "ask-about-query/"), {"kind": "found", "sentence": "Found."})
    assert page.status == 422
    assert "Nothing was written off in this customer query" in page.text


def test_the_seller_replies_on_the_page_of_the_query(desk, anna, pia, now):
    case = a_request(anna, now=now)
    inquire(
        seller_id=anna.seller_id,
        request_id=case.id,
        of=Party.SELLER,
        question="Who signed?",
        by=pia,
        now=timezone.now(),
    )
    site = Site(Client(), anna)
    page = site.get(site.query(case.query))
    assert "Pia of Partnerservice asks you" in page.text
    form = page.form("/reply-to-partnerservice/")

    refused = site.post(form.action, form.filled(reply=" "))
    assert (refused.status, "Write 1 to 10000 characters." in refused.text) == (422, True)
    page = site.post(form.action, form.filled(reply="Nobody did."))

    assert "Partnerservice has your reply, and decides now." in page.text
    assert "/reply-to-partnerservice/" not in page.html
    assert TimelineEntry.objects.get(kind="partnerservice.replied").text == "Nobody did."
    assert site.post(form.action, form.filled(reply="Nobody did.")).status == 409
    assert site.post(form.action, {"request": "nonsense", "reply": "x"}).status == 404
