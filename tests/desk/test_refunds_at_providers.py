"""What finance sees of refunds that a payment provider pays, and what it can do with them."""

import pytest
from django.utils import timezone

from lostpost.customer_queries.models import CustomerQuery
from lostpost.refunds.models import Refund
from lostpost.refunds.problems import PROBLEMS
from lostpost.refunds.reads import unpaid_refunds_counted
from lostpost.texts.refund_problems import next_step_text
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, silent_parcel, user_of

pytestmark = pytest.mark.django_db
REFUNDS = "/desk/refunds/"


@pytest.fixture
def refund(anna, settings) -> Refund:
    settings.PAYMENT_KEYS = {"mollie": "a-key", "stripe": ""}
    settings.PAYMENT_URLS = {"mollie": "http://127.0.0.1:9", "stripe": "http://127.0.0.1:9"}  # Nobody listens there.
    now = timezone.now()
    query = silent_parcel(anna, now=now, payment_provider="mollie", payment_reference="tr_000001")
    result = write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=now)
    return Refund.objects.get(seller_id=anna.seller_id, id=result.refund_id)


@pytest.fixture
def desk(client, fien):
    client.force_login(user_of(fien))
    return client


def url(refund: Refund) -> str:
    return f"{REFUNDS}lampenhuis/{refund.number}/"


def put(refund: Refund, **values: object) -> None:
    Refund.objects.filter(seller_id=refund.seller_id, id=refund.id).update(**values)
    refund.refresh_from_db()
    queries = CustomerQuery.objects.filter(seller_id=refund.seller_id, id=refund.query_id)
    queries.update(refunds_failed=int(refund.state == "failed"))


def test_refunds_at_providers_are_not_finances_work(desk, refund):
    listed, page = desk.get(REFUNDS).content.decode(), desk.get(url(refund)).content.decode()
    assert "Mollie is asked for it; nothing to do." in listed
    assert "Mollie pays it" in page
    assert "tr_000001" in page
    for html in (listed, page):
        assert 'value="look-up"' in html
        assert 'value="by-hand"' in html
        assert 'value="paid"' not in html
        assert 'value="failed"' not in html
    assert unpaid_refunds_counted(most=10) == 0


@pytest.mark.parametrize("code", PROBLEMS)
def test_reason_and_next_step_are_shown_beside_the_providers_text(desk, refund, code):
    words = "Mollie: <b>says</b> no"
    put(refund, state="failed", failed_at=timezone.now(), problem=words, problem_code=code)
    for page in (desk.get(url(refund)), desk.get(f"{REFUNDS}?state=failed")):
        html = page.content.decode().replace("&#x27;", "'")
        assert PROBLEMS[code] in html
        assert next_step_text(code) in html
        assert "<b>says</b>" not in html
    assert "&lt;b&gt;says&lt;/b&gt;" in desk.get(url(refund)).content.decode()
    assert unpaid_refunds_counted(most=10) == 1


def test_a_provider_without_response_is_shown_with_its_time(desk, refund):
    put(refund, problem="Mollie: 500", problem_code="no-answer", no_response_since=timezone.now())
    page = desk.get(url(refund)).content.decode()
    assert "It has been waiting since" in page
    assert "The payment provider does not answer." in page
    assert unpaid_refunds_counted(most=10) == 1


def test_dutch_readers_read_it_in_dutch(desk, refund):
    put(refund, state="failed", failed_at=timezone.now(), problem="Mollie: no", problem_code="payment-disputed")
    page = desk.get(url(refund), headers={"Accept-Language": "nl"}).content.decode()
    assert "De klant betwist de betaling bij de bank." in page


def test_finance_switches_it_to_manual_payment_with_the_payments_reference(desk, refund):
    answer = desk.post(url(refund), {"step": "by-hand"}, follow=True)

    page = answer.content.decode()
    refund.refresh_from_db()
    assert (answer.status_code, refund.gateway, refund.state) == (200, "manual", "requested")
    assert "yours to pay by hand" in page
    assert 'value="paid"' in page
    assert "tr_000001" in page
    assert "Pay it back on payment tr_000001 Mollie" in desk.get(REFUNDS).content.decode()
    assert unpaid_refunds_counted(most=10) == 1


@pytest.mark.parametrize("step", ["by-hand", "look-up"])
def test_a_provider_that_does_not_answer_keeps_the_refund(desk, refund, step):
    put(refund, asked_at=timezone.now())
    answer = desk.post(url(refund), {"step": step})
    refund.refresh_from_db()
    assert (answer.status_code, refund.gateway) == (409, "mollie")
    assert "cannot be asked now" in answer.content.decode()


def test_a_failed_one_is_tried_again(desk, refund):
    put(refund, state="failed", failed_at=timezone.now(), problem="Mollie: no", problem_code="balance-too-low")
    assert desk.post(url(refund), {"step": "retry"}).status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.attempt, refund.gateway, refund.problem) == ("requested", 2, "mollie", "")


def test_a_refund_at_a_provider_is_not_settled_by_hand(desk, refund):
    answer = desk.post(url(refund), {"step": "paid", "reference": "BANK-1"})
    refund.refresh_from_db()
    assert (answer.status_code, refund.state) == (409, "requested")


def test_the_timeline_shows_the_reason_in_the_readers_language(client, anna, refund):
    from lostpost.refunds.apply_provider_status import ProviderStatus, apply_provider_status
    from lostpost.refunds.attempts import attempt_of

    attempt = attempt_of(seller_id=refund.seller_id, refund_id=refund.id)
    assert attempt
    now = timezone.now()
    apply_provider_status(attempt=attempt, status=ProviderStatus(1, "re_1", Refund.State.SENT), now=now)
    apply_provider_status(
        attempt=attempt,
        status=ProviderStatus(1, "re_1", Refund.State.FAILED, code="account-closed", message="Mollie: x"),
        now=now,
    )
    client.force_login(user_of(anna))
    page = client.get(f"/shops/lampenhuis/customer-queries/{refund.query.number}/").content.decode()
    assert "The customer&#x27;s card or account is closed, lost or expired." in page
    assert "The money is on its way" in page
