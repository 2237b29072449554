"""The desk's list of found parcels over all shops, a case's page, and how the search leads there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lostpost.accounts.policy import current_policy
from lostpost.found_parcels.cases_of_all import cases_of_all
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.report_came_back import report_came_back
from tests.cast import user_of
from tests.found_parcels.scene import LATER, parcel_of, written_off
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db
FOUND = "/desk/found-parcels/"


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


def get(client, path, **parameters):
    return Read(client.get(path, parameters))


def a_case(member, fien, **values) -> FoundCase:
    recorded = written_off(member, fien=fien, **values)
    code = parcel_of(recorded).code
    return report_came_back(write_off=recorded.number, parcel=code, note="Dented.", by=member, now=LATER)


def test_cases_of_all_shops_are_listed_by_state_with_money_and_deadline(desk, anna, carla, fien):
    ours, theirs = a_case(anna, fien, paid_minor=31_00), a_case(carla, fien)
    asked = decide_found_parcel(
        number=theirs.number, kind="pay-again", quantities={}, by=carla, key="the-question", now=timezone.now()
    )

    page = get(desk, FOUND)
    assert ours.number in page.text
    assert theirs.number not in page.text
    assert "€31.00" in page.text

    assert theirs.number in get(desk, FOUND, state="asked").text
    (row,), _page = cases_of_all("asked", seller_id=None, after=None, size=5)
    assert row.deadline_at == asked.decided_at + timedelta(days=current_policy().found_end_days)
    assert "No found parcel is in this state" in get(desk, FOUND, state="settled").text
    assert "No found parcel is in this state" in get(desk, FOUND, seller=carla.seller.code).text
    assert ours.number in get(desk, FOUND, seller=anna.seller.code).text


def test_a_case_says_what_found_it_and_what_its_shop_decided(desk, anna, fien):
    case = a_case(anna, fien)
    decide_found_parcel(
        number=case.number, kind="let-go", quantities={}, reason="Broken.", by=anna, key="k" * 8, now=LATER
    )

    text = get(desk, f"{FOUND}{anna.seller.code}/{case.number}/").text

    for words in ("It came back to the shop.", "Dented.", "Let it go", "Broken.", "Settled", "Desk lamp Aurora"):
        assert words in text, words
    assert desk.get(f"{FOUND}carlas-keramiek/{case.number}/").status_code == 404


def test_the_search_leads_to_it(desk, anna, fien):
    case = a_case(anna, fien)

    page = Read(desk.post("/desk/search/", {"q": case.order.number}))

    assert f"{FOUND}{anna.seller.code}/{case.number}/" in page.links


def test_a_page_costs_the_same_however_many_there_are(desk, anna, fien, django_assert_max_num_queries):
    for count in range(3):
        a_case(anna, fien, key=f"write-off-{count}")
    desk.get(FOUND)
    with django_assert_max_num_queries(12):
        assert desk.get(FOUND).status_code == 200
