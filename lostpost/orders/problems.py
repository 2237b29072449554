"""What is plainly wrong with an order, a parcel, a return or a scan by itself, in sentences for whoever sent it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext as _

from lostpost.accounts.legal import electronic_address_problem
from lostpost.core.clock import EARLIEST
from lostpost.core.countries import is_country
from lostpost.core.mail_address import address_problem
from lostpost.core.money import LARGEST_MINOR, is_currency_in_use
from lostpost.core.text import is_blank, is_one_line, is_storable, quoted
from lostpost.core.vat import INTRA_COMMUNITY, OUTSIDE, REVERSE_CHARGE, WITHOUT_VAT
from lostpost.eligibility.facts import ScanStatus, ShippingMethod
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.models import Return

LARGEST_QUANTITY = 10_000
HIGHEST_RATE_BP = 10_000  # Basis points: as much again as the goods cost.
SHORTLY_AHEAD = timedelta(days=1)  # Sellers' clocks and time zones are wrong, but not by more.
CUSTOMER_INVOICE_MOST = {  # Characters.
    "number": 90,
    "name": 200,
    "street": 200,
    "postal_code": 20,
    "city": 100,
    "vat_number": 30,
    "registration_number": 40,
    "electronic_address": 60,
}
FURTHEST_AHEAD = timedelta(days=366)  # A carrier's clock may be wrong by a year.

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PROVIDERS = ("manual", "mollie", "stripe")
# What providers call payments, and other objects that are mistaken for payments: orders, checkouts, invoices, ….
_PAYMENTS = {"mollie": "tr_…", "stripe": "pi_…, ch_…, py_…"}
_NO_PAYMENTS: dict[str, tuple[str, ...]] = {
    "mollie": ("ord_", "re_", "sub_", "cst_", "pl_", "stl_"),
    "stripe": ("cs_", "in_", "sub_", "cus_", "re_", "acct_", "seti_", "evt_"),
}
LONGEST_POSTAL_CODE = 20
_METHODS = tuple(method.value for method in ShippingMethod)
_SCAN_STATUSES = frozenset(status.value for status in ScanStatus)

ORDER_VALUES = ("currency", "customer_country", "customer_email")  # What is right of these is a matter of the day.

Problems = Iterator[str]
Thing = TypeVar("Thing")


def order_problems(order: OrderData, now: datetime) -> Problems:
    """Say what is wrong with an order."""
    yield from order_head_problems(order, now)
    if not order.items:
        yield _("an order needs at least one item")
    for name, times in _repeated(item.item for item in order.items):
        yield _("item “%(it)s” stands there %(n)d times; give each line its own name") % {"it": name, "n": times}
    for item in order.items:
        yield from item_problems(item)
        yield from invoiced_item_problems(order.customer_invoice, item)


def order_head_problems(order: OrderData, now: datetime) -> Problems:
    """Say what is wrong with an order apart from its items."""
    yield from name_problems(lambda: _("the order number"), order.number)
    yield from _instant_problems(lambda: _("placed_at"), order.placed_at, latest=now + SHORTLY_AHEAD)
    yield from _amount_problems(lambda: _("delivery_costs_minor"), order.delivery_costs_minor)
    if is_blank(order.customer_name) or len(order.customer_name) > 200:
        yield _("the customer's name must have 1 to 200 characters")
    yield from _control_problems(lambda: _("the customer's name"), order.customer_name)
    yield from _control_problems(lambda: _("the customer's e-mail address"), order.customer_email)
    if not _LANGUAGE.fullmatch(order.customer_language) or len(order.customer_language) > 10:
        yield _("the language “%(it)s” is no code such as nl or fr-BE") % {"it": quoted(order.customer_language)}
    if len(order.customer_postal_code) > LONGEST_POSTAL_CODE:
        yield _("the customer's postcode must have at most %(most)d characters") % {"most": LONGEST_POSTAL_CODE}
    yield from _control_problems(lambda: _("the customer's postcode"), order.customer_postal_code)
    yield from _payment_problems(order.payment_provider, order.payment_reference)
    if order.customer_invoice:
        yield from _customer_invoice_problems(order.customer_invoice, now)


def new_value_problems(order: OrderData, names: Container[str] = ORDER_VALUES) -> Problems:
    """Say what is wrong with values that an order may keep once it has them, as what is right changes with time.

    Args: `names`: of the values that are new; ISO 4217 withdraws a currency, and orders in it are still brought up to
    date.
    """
    if "currency" in names and not is_currency_in_use(order.currency):
        yield _("the currency “%(it)s” is not one that ISO 4217 has in use; write a code such as EUR") % {
            "it": quoted(order.currency)
        }
    if "customer_country" in names and not is_country(order.customer_country):
        yield _("the country “%(it)s” is not a code of ISO 3166; write two capitals such as NL or GB") % {
            "it": quoted(order.customer_country)
        }
    if "customer_email" in names and (problem := address_problem(order.customer_email)):
        yield problem


def item_problems(item: ItemData) -> Problems:
    """Say what is wrong with one line of an order."""
    yield from name_problems(lambda: _("the item"), item.item)
    if is_blank(item.title) or len(item.title) > 300:
        yield _("the title of item “%(it)s” must have 1 to 300 characters") % {"it": quoted(item.item)}
    yield from _control_problems(lambda: _("the title"), item.title)
    if len(item.sku) > 64:
        yield _("the sku of item “%(it)s” is longer than 64 characters") % {"it": quoted(item.item)}
    yield from _control_problems(lambda: _("the sku"), item.sku)
    yield from _quantity_problems(item.quantity)
    if not 0 <= item.quantity_cancelled <= item.quantity:
        yield _("quantity_cancelled must be between 0 and the quantity of %(n)d") % {"n": item.quantity}
    yield from _amount_problems(lambda: _("paid_minor"), item.paid_minor)
    yield from _amount_problems(lambda: _("commission_minor"), item.commission_minor)
    if item.vat_rate_bp is not None and not 0 <= item.vat_rate_bp <= HIGHEST_RATE_BP:
        yield _(
            "vat_rate_bp is %(n)d; it must be between 0 and %(most)d, in hundredths of a percent: 2100 is 21 %%"
        ) % {
            "n": item.vat_rate_bp,
            "most": HIGHEST_RATE_BP,
        }


def invoiced_item_problems(invoice: CustomerInvoiceData | None, item: ItemData) -> Problems:
    """Say what is wrong with a line of an order where the customer got an invoice."""
    if invoice is None:
        return
    if item.vat_rate_bp is None:
        yield _("item “%(it)s” has no vat_rate_bp; the customer has an invoice, and a credit note of it names VAT") % {
            "it": quoted(item.item)
        }
    elif item.vat_rate_bp and invoice.vat_category == OUTSIDE:  # EN 16931, BR-O-11
        yield _("item “%(it)s” bears VAT, and vat_category O says that nothing on the customer's invoice does") % {
            "it": quoted(item.item)
        }


def _payment_problems(provider: str, reference: str) -> Problems:
    if provider and provider not in _PROVIDERS:
        yield _("the payment provider “%(it)s” is none of %(all)s") % {
            "it": quoted(provider),
            "all": ", ".join(_PROVIDERS),
        }
    if len(reference) > 200:
        yield _("the payment's reference is longer than 200 characters")
    yield from _control_problems(lambda: _("the payment's reference"), reference)
    if reference.startswith(_NO_PAYMENTS.get(provider, ())):
        yield _("“%(it)s” is no payment; give the payment itself (%(forms)s), as refunds go back on that alone") % {
            "it": quoted(reference),
            "forms": _PAYMENTS[provider],
        }
    if reference and not provider:
        yield _("the payment has a reference and no provider; say which of %(all)s took it") % {
            "all": ", ".join(_PROVIDERS)
        }
    if provider not in ("", "manual") and not reference:
        yield _("the payment at %(it)s has no reference; without it nothing can be paid back there") % {
            "it": quoted(provider)
        }


def _customer_invoice_problems(invoice: CustomerInvoiceData, now: datetime) -> Problems:
    if is_blank(invoice.number):
        yield _("the customer's invoice has no number; credit notes refer to it")
    for name, most in CUSTOMER_INVOICE_MOST.items():
        text = getattr(invoice, name)
        if len(text) > most:
            yield _("%(name)s of the customer's invoice is longer than %(n)d characters") % {"name": name, "n": most}
        yield from _control_problems(partial(_of_customer_invoice, name), text)
    if not EARLIEST.date() <= invoice.issued_on <= (now + SHORTLY_AHEAD).date():
        yield _("the customer's invoice was issued on %(it)s; it must lie between %(from)s and %(to)s") % {
            "it": invoice.issued_on.isoformat(),
            "from": EARLIEST.date().isoformat(),
            "to": (now + SHORTLY_AHEAD).date().isoformat(),
        }
    if invoice.country and not is_country(invoice.country):
        yield _("the country “%(it)s” of the customer's invoice is none; write two letters, such as BE") % {
            "it": quoted(invoice.country)
        }
    if invoice.electronic_address and (problem := electronic_address_problem(invoice.electronic_address)):
        yield problem
    if invoice.vat_category and invoice.vat_category not in WITHOUT_VAT:
        yield _("vat_category “%(it)s” of the customer's invoice is none of %(all)s; leave it out where VAT is due") % {
            "it": quoted(invoice.vat_category),
            "all": ", ".join(WITHOUT_VAT),
        }
    if invoice.vat_category in (REVERSE_CHARGE, INTRA_COMMUNITY) and is_blank(invoice.vat_number):  # BR-AE-02, BR-IC-02
        yield _("the customer's invoice has vat_category %(it)s and no vat_number of the customer; it needs one") % {
            "it": invoice.vat_category
        }


def _of_customer_invoice(name: str) -> str:
    return _("%(name)s of the customer's invoice") % {"name": name}


def parcel_problems(parcel: ParcelData, now: datetime) -> Problems:
    """Say what is wrong with a parcel."""
    yield from parcel_head_problems(parcel, now)
    if not parcel.units:
        yield _("a parcel needs at least one unit")
    yield from _unit_problems(parcel.units)


def parcel_head_problems(parcel: ParcelData, now: datetime) -> Problems:
    """Say what is wrong with a parcel apart from what lies in it."""
    yield from name_problems(lambda: _("the parcel"), parcel.code)
    yield from name_problems(lambda: _("the order number"), parcel.order_number)
    yield from _instant_problems(lambda: _("shipped_at"), parcel.shipped_at, latest=now + SHORTLY_AHEAD)
    if parcel.shipping_method not in _METHODS:
        yield _("the shipping method “%(it)s” is none of %(all)s") % {
            "it": quoted(parcel.shipping_method),
            "all": ", ".join(_METHODS),
        }
    if len(parcel.carrier) > 64 or len(parcel.tracking_number) > 64:
        yield _("the carrier and the tracking number have at most 64 characters each")
    yield from _control_problems(lambda: _("the carrier"), parcel.carrier)
    yield from _control_problems(lambda: _("the tracking number"), parcel.tracking_number)


def return_problems(data: ReturnData) -> Problems:
    """Say what is wrong with a return."""
    yield from return_head_problems(data)
    if not data.units:
        yield _("a return needs at least one unit")
    yield from _unit_problems(data.units)


def return_head_problems(data: ReturnData) -> Problems:
    """Say what is wrong with a return apart from what comes back in it."""
    yield from name_problems(lambda: _("the return"), data.code)
    yield from name_problems(lambda: _("the order number"), data.order_number)
    if data.status not in Return.Status.values:
        yield _("the status “%(it)s” is none of %(all)s") % {
            "it": quoted(data.status),
            "all": ", ".join(Return.Status.values),
        }


def unit_problems(unit: UnitData) -> Problems:
    """Say what is wrong with units of one item in a parcel or a return."""
    yield from name_problems(lambda: _("the item"), unit.item)
    if unit.parcel:
        yield from name_problems(lambda: _("the parcel"), unit.parcel)
    yield from _quantity_problems(unit.quantity)


def scan_problems(scan: ScanData, now: datetime) -> Problems:
    """Say what is wrong with a scan; a sound one, which nearly all are, passes with few looks."""
    yield from name_problems(lambda: _("the parcel"), scan.parcel)
    yield from _instant_problems(lambda: _("occurred_at"), scan.scanned_at, latest=now + FURTHEST_AHEAD)
    if scan.status not in _SCAN_STATUSES:
        yield _("the status “%(it)s” is none of %(all)s") % {
            "it": quoted(scan.status),
            "all": ", ".join(status.value for status in ScanStatus),
        }
    if len(scan.code) > 64 or len(scan.text) > 300 or len(scan.location) > 100 or len(scan.id) > 200:
        for name, value, most in (
            ("code", scan.code, 64),
            ("text", scan.text, 300),
            ("location", scan.location, 100),
            ("id", scan.id, 200),
        ):
            if len(value) > most:
                yield _("the %(name)s is longer than %(n)d characters") % {"name": name, "n": most}
    if not is_storable(scan.code + scan.text + scan.location + scan.id):
        yield _("there is a character in it that no database keeps (NUL, or half a character); take it out")


def name_problems(what: Callable[[], str], name: str) -> Problems:
    """Say what is wrong with the marketplace's own name of something: it stands in addresses and in files."""
    if not _NAME.fullmatch(name):
        yield _("%(what)s “%(it)s” must be 1 to 64 letters, digits or _ . : - and start with a letter or digit") % {
            "what": what(),
            "it": quoted(name),
        }


def _unit_problems(units: Iterable[UnitData]) -> Problems:
    for (parcel, item), times in _repeated((unit.parcel, unit.item) for unit in units):
        yield _("item “%(it)s” stands there %(n)d times; add the quantities up") % {
            "it": quoted(f"{parcel}/{item}" if parcel else item),
            "n": times,
        }
    for unit in units:
        yield from unit_problems(unit)


def _repeated(things: Iterable[Thing]) -> Iterator[tuple[Thing, int]]:
    return ((thing, times) for thing, times in Counter(things).items() if times > 1)


def _quantity_problems(quantity: int) -> Problems:
    if not 1 <= quantity <= LARGEST_QUANTITY:
        yield _("%(what)s is %(n)d; it must be between 1 and %(most)d") % {
            "what": _("quantity"),
            "n": quantity,
            "most": LARGEST_QUANTITY,
        }


def _amount_problems(what: Callable[[], str], minor: int) -> Problems:
    if not 0 <= minor <= LARGEST_MINOR:
        yield _("%(what)s is %(n)d; it must be between 0 and %(most)d") % {
            "what": what(),
            "n": minor,
            "most": LARGEST_MINOR,
        }


def _instant_problems(what: Callable[[], str], instant: datetime, *, latest: datetime) -> Problems:
    if instant.tzinfo is None:
        yield _("%(what)s has no time zone; write it like 2026-03-04T14:32:00+01:00") % {"what": what()}
    elif not EARLIEST <= instant <= latest:
        yield _("%(what)s is %(it)s; it must lie between %(from)s and %(to)s") % {
            "what": what(),
            "it": instant.isoformat(),
            "from": EARLIEST.date().isoformat(),
            "to": latest.date().isoformat(),
        }


def _control_problems(what: Callable[[], str], text: str) -> Problems:
    if not is_one_line(text):
        yield _("%(what)s “%(it)s” has a line break or another control character in it; take it out") % {
            "what": what(),
            "it": quoted(text),
        }
