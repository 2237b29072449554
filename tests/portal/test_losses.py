"""The pages of losses: pictures with their figures, of a shop and of all."""

from __future__ import annotations

import pytest
from django.utils import timezone

from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, all_of, an_item, an_order, silent_parcel, user_of
from tests.portal.pages import Read, Site


@pytest.mark.django_db
def test_a_shop_and_the_desk_see_what_is_lost(client, anna, pia):
    assert "Nothing was sent in these months" in Site(client, anna).get("/shops/lampenhuis/finance/losses/").text

    now = timezone.now()
    query = silent_parcel(anna, now=now, quiet_days=12, paid_minor=31_00, customer_country="BE")
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=now)
    a_parcel(an_order(anna.seller, an_item(title="<b>Shade</b>"), now=now, customer_country="NL"), now=now)

    page = Site(client, anna).get("/shops/lampenhuis/finance/losses/?months=24")
    assert "50% of the parcels that were sent was written off as lost: 1 of 2." in page.text
    assert "Belgium 1 1 100% (21% – 100%) €31.00" in page.text
    assert "Desk lamp Aurora" in page.text
    assert page.html.count('role="img"') == 5  # By month, carrier, destination and article, and what is silent.
    assert "the highest is Belgium with 100%; of all it is 50%" in page.html

    client.force_login(user_of(pia))
    desk = Read(client.get("/desk/losses/?months=nonsense"))
    assert "Belgium 1 1 100%" in desk.text
    assert "By article" not in desk.text
