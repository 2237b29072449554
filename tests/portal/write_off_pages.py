"""The write-off screen as a browser without script uses it, and what may change while it is looked at."""

from __future__ import annotations

from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.customer_queries.models import CustomerQuery
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_return, a_scan, all_of
from tests.portal.pages import Read, Site


def screen(site: Site, query: CustomerQuery) -> Read:
    page = site.get(site.query(query, "write-off/"))
    assert page.status == 200
    return page


def checked(site: Site, page: Read, ticks: dict[str, str], *, step: str = "continue", **options) -> Read:
    """Tick rows and press a button."""
    form = page.form("/check/")
    quantities = {f"quantity-{value}": quantity for value, quantity in ticks.items()}
    return site.post(form.action, form.filled(unit=list(ticks), step=step, **quantities), **options)


def scan_comes(query: CustomerQuery, anna: Actor) -> str:
    parcel = query.order.parcels.get(seller_id=anna.seller_id)
    a_scan(parcel, days=0.1, text="Found again", location="Breda", now=timezone.now())
    return "has a new Track & Trace update of"


def somebody_was_faster(query: CustomerQuery, anna: Actor) -> str:
    write_off(query=query.number, selection=all_of(query), by=anna, key="the-other-tab", now=timezone.now())
    return "You wrote off 2 × Desk lamp Aurora at "


def return_comes(query: CustomerQuery, anna: Actor) -> str:
    a_return(query.order, {(f"{query.order.number}-P1", "1"): 1}, now=timezone.now())
    return "1 unit of “Desk lamp Aurora” is now returned or in return."


def policy_changes(query: CustomerQuery, anna: Actor) -> str:
    change_policy(values={"quiet_days": 5}, reason="Fewer surprises.", by="Olga", now=timezone.now())
    return "The marketplace changed its rules for writing off."
