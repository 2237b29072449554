"""The carriers' names that platforms and people write, and which carrier each means."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.core.errors import Rejected
from lostpost.core.ownership import uuid7
from lostpost.core.text import compact_form, is_blank, is_one_line
from lostpost.sales_channels.models import CarrierName

LONGEST_NAME = 64
KEPT_MOST = 1000  # Anybody can type anything.
# By `_form`: bol's codes of carriers, and what Shopify's and WooCommerce's lists call them.
_CARRIERS = {
    "PostNL": (
        *("postnl", "tnt", "tntpost", "tntextra", "tntbrief", "briefpost", "postnlpakket", "postnlpost", "ptt"),
        *("postnlinternational", "postnlinternational3s", "postnldomestic", "koninklijkepostnl"),
    ),
    "DHL": (
        *("dhl", "dhlforyou", "dhlexpress", "dhlecommerce", "dhlparcel", "dhlparcelnl", "dhlde", "dhlglobalmail"),
        *("dhlpaket", "dhlgermany", "deutschepostdhl", "deutschepost", "dhlnl", "dhlbe", "dhlbenelux"),
    ),
    "DPD": ("dpd", "dpdnl", "dpdbe", "dpdde", "dpduk", "dpdgroup", "dpdlocal", "dpdgermany", "dpdnetherlands"),
    "GLS": ("gls", "glsnl", "glsbe", "glsde", "glsgermany", "glsnetherlands", "glseurope"),
    "UPS": ("ups", "unitedparcelservice", "upsnl"),
    "bpost": ("bpost", "bpostbe", "bpostbrief", "bpostinternational", "belgianpost"),
    "FedEx": ("fedex", "fedexnl", "fedexbe", "federalexpress"),
    "TNT Express": ("tntexpress",),
    "Trunkrs": ("trunkrs",),
    "Hermes": ("hermes", "hermesde", "hermesgermany", "evri"),
    "Royal Mail": ("royalmail",),
    "La Poste": ("laposte", "colissimo"),
    "Chronopost": ("chronopost",),
    "Mondial Relay": ("mondialrelay",),
    "USPS": ("usps", "unitedstatespostalservice"),
}
_KNOWN = {name: carrier for carrier, names in _CARRIERS.items() for name in names}
_NO_NAME = frozenset({"", "other", "overig", "anders", "custom", "none"})


class CarrierRefused(Rejected):
    """That can be no carrier's name."""


class CarrierNames:
    """What names mean: the operator's own word before the table; unknown names are noted for the operator."""

    def __init__(self, now: datetime) -> None:
        self._mapped = dict(CarrierName.objects.exclude(carrier="").values_list("name_normalised", "carrier"))
        self._now = now
        self._noted: set[str] = set()

    def carrier(self, name: str) -> str:
        """Return the carrier's name as we write it; one that nobody knows stays as it was typed."""
        form = _form(name)
        if carrier := self._mapped.get(form) or _KNOWN.get(form):
            return carrier
        if form in _NO_NAME:
            return ""
        if form not in self._noted:
            self._noted.add(form)
            _note_unknown(form, name[:LONGEST_NAME], self._now)
        return name[:LONGEST_NAME].strip()


@transaction.atomic(durable=True)
def map_carrier_name(*, name: str, carrier: str, by: str, now: datetime) -> None:
    """Say which carrier a name means, for what comes from then on. Raises: CarrierRefused."""
    form = _form(name)
    if not form or is_blank(carrier) or len(carrier) > LONGEST_NAME or not is_one_line(carrier):
        raise CarrierRefused(
            _("Give the name as it was typed, and the carrier's in 1 to %(n)d characters.") % {"n": LONGEST_NAME}
        )
    values = {"carrier": carrier.strip(), "mapped_at": now, "mapped_by": by}
    CarrierName.objects.update_or_create(
        name_normalised=form,
        defaults=values,
        create_defaults={"id": uuid7(), "name": name[:LONGEST_NAME], "first_at": now, **values},
    )


def names_to_map() -> list[str]:
    """Return the names that nobody has mapped yet, as they were typed, the oldest first."""
    return list(CarrierName.objects.filter(carrier="").order_by("first_at", "id").values_list("name", flat=True))


def _form(name: str) -> str:
    """Return the form in which names are compared: without blanks, capitals and punctuation."""
    return re.sub(r"[\W_]", "", compact_form(name))


@transaction.atomic(durable=True)
def _note_unknown(form: str, name: str, now: datetime) -> None:
    if CarrierName.objects.count() < KEPT_MOST:
        row = CarrierName(id=uuid7(), name_normalised=form, name=name, first_at=now)
        CarrierName.objects.bulk_create([row], ignore_conflicts=True)
