"""The demo marketplace made twice, and the command that makes it."""

import re
import stat
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.ledger.models import Transfer
from lostpost.management.demo import build as building
from lostpost.management.demo.build import build
from lostpost.management.demo.logins import PEOPLE, logins_file
from lostpost.management.demo.shops import marketplace
from lostpost.parcels.models import Order, OrderItem, Parcel, Return, Scan
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import PartnerserviceRequest, WriteOff
from tests.management.test_demo import AMSTERDAM, NOW, PASSWORD, wipe

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "demo.md"
LATER = datetime(2026, 4, 17, 20, 45, tzinfo=UTC)  # Summer time began between the two.


# Again and again ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_made_on_another_day_it_is_the_same_but_for_the_dates():
    build(password=PASSWORD, now=NOW)
    first = content(NOW)
    wipe()
    build(password=PASSWORD, now=LATER)
    second = content(LATER)

    assert first.keys() == second.keys()
    for table, rows in first.items():
        assert rows == second[table], table
    assert sum(map(len, first.values())) > 3_000


def content(now: datetime) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a person could see in the demo, with times told from the midnight before."""
    midnight = datetime.combine(now.astimezone(AMSTERDAM).date(), time())

    def told(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(AMSTERDAM).replace(tzinfo=None) - midnight
        if isinstance(value, dict):
            return sorted((key, str(found)) for key, found in value.items() if key not in ("request", "number_id"))
        return value

    wanted: dict[Any, str] = {
        Order: "number placed_at currency delivery_costs_minor customer_name customer_email customer_language",
        OrderItem: "order__number item title quantity quantity_cancelled paid_minor commission_minor refunded_minor",
        Parcel: "code carrier tracking_number shipped_at last_scanned_at last_status last_text last_location",
        Scan: "parcel__code scanned_at status code text location received_at from_future",
        Return: "code status registered_at",
        CustomerQuery: "number subject state opened_at handled_at waits_since",
        TimelineEntry: "query__number at kind text by_name data",
        Mail: "query__number kind to language subject body state queued_at sent_at problem",
        WriteOff: "number refund_minor delivery_refund_minor confirmed_at by_name",
        Refund: "number state amount_minor currency requested_at confirmed_at failed_at reference problem",
        PartnerserviceRequest: "query__number reasons sentence state asked_at answer answered_at",
        Transfer: "seller__code debit credit amount_minor currency kind booked_at",
    }
    return {
        model._meta.db_table: sorted(
            (tuple(map(told, row)) for row in rows_of(model).values_list(*fields.split())), key=repr
        )
        for model, fields in wanted.items()
    }


def rows_of(model: Any) -> Any:
    """Give a table's rows; without what invoices book, as their periods are those of the calendar."""
    of_periods = ("settled", "debt_settled", "paid_out", "debt_paid", "vat_rounded_up", "vat_rounded_down")
    return model.objects.exclude(kind__in=of_periods) if model is Transfer else model.objects


# The command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch, settings, tmp_path, transactional_db):
    """The command, with a demo of a few orders and a data folder of its own."""
    shops, _examples = marketplace()
    lamps = shops[0]
    lamps.orders = {"2398-4471": lamps.orders["2398-4471"]}
    lamps.acts = []
    monkeypatch.setattr(building, "marketplace", lambda: ([lamps], []))
    monkeypatch.delenv("LOSTPOST_DEMO_PASSWORD", raising=False)
    settings.LOSTPOST_DATA = tmp_path

    def run(**options: bool) -> str:
        out, err = StringIO(), StringIO()
        call_command("demo", stdout=out, stderr=err, **options)
        return out.getvalue() + err.getvalue()

    return run


def test_the_logins_are_written_down_for_the_operator_alone(small):
    said = small()

    assert str(logins_file()) in said
    assert stat.S_IMODE(logins_file().stat().st_mode) == 0o600
    written = logins_file().read_text()
    assert all(f"  {person.login} " in written for person in PEOPLE)


def test_a_second_run_says_so_and_does_nothing(small):
    small(if_empty=True)
    written = logins_file().read_text()

    assert "there already" in small()
    assert small(if_empty=True) == ""
    assert logins_file().read_text() == written
    assert User.objects.count() == len(PEOPLE)


def test_a_demo_that_was_broken_off_is_told_from_a_whole_one(small):
    small()
    logins_file().unlink()

    assert "broken off" in small(if_empty=True)


def test_passwords_differ_from_installation_to_installation_unless_one_is_given(small, monkeypatch, client):
    small()
    first = logins_file().read_text()
    wipe()
    small()
    assert logins_file().read_text() != first
    wipe()
    monkeypatch.setenv("LOSTPOST_DEMO_PASSWORD", "given-by-the-operator")
    small()
    assert client.login(username="anna", password="given-by-the-operator")


def test_it_goes_into_no_database_with_other_shops_and_into_no_production(small, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="trying out"):
        small()
    settings.PRODUCTION = False
    put_seller(seller=SellerData("a-real-shop", "A real shop"), now=NOW)

    assert "left out" in small()
    assert small(if_empty=True) == ""
    assert Seller.objects.count() == 1
    assert not logins_file().exists()


def test_a_login_that_somebody_has_is_left_alone(small):
    User.objects.create_user("anna", password="her-own-password")

    with pytest.raises(CommandError, match="anna"):
        small()

    assert Seller.objects.count() == 0
    assert User.objects.get().check_password("her-own-password")


def test_plans_need_no_clock():
    first, second = marketplace(), marketplace()

    assert [shop.orders.keys() for shop in first[0]] == [shop.orders.keys() for shop in second[0]]
    assert first[1] == second[1]
    assert all(act.at < timedelta(0) for shop in first[0] for act in shop.acts)


def test_the_guide_lists_every_example_and_no_other():
    _shops, examples = marketplace()
    line = re.compile(r"^\| (\d{4}-\d{4}) \| (.*?)(?: \((?:Carla's|Velo).*\))? \|$", re.MULTILINE)
    written = dict(line.findall(GUIDE.read_text(encoding="utf-8")))

    assert written == {example.order: example.about for example in examples}
