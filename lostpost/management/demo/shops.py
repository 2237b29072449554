"""The three shops and their plans."""

from __future__ import annotations

from lostpost.accounts.put_seller import SellerData
from lostpost.management.demo.cases import bike_cases, lamp_cases, pottery_cases
from lostpost.management.demo.everyday import Habits, fill_up
from lostpost.management.demo.examples import Example
from lostpost.management.demo.goods import BIKES, CERAMICS, LAMPS
from lostpost.management.demo.losses import repeated_losses
from lostpost.management.demo.plan import PlannedShop

# Unassigned numbers. Velo & Co is Belgian, so that VAT is reversed; what else its e-invoices miss is shown there.
LAMP_LEGAL = {
    "name": "Lampenhuis Utrecht B.V. (demo)",
    "street": "Oudegracht 12",
    "postal_code": "3511 AB",
    "city": "Utrecht",
    "vat_number": "NL001234567B29",
    "registration_number": "12345678",
    "iban": "NL91ABNA0417164300",
    "electronic_address": "0106:12345678",
}
POTTERY_LEGAL = {
    "name": "Carla's Keramiek (demo)",
    "street": "Kleiweg 3",
    "postal_code": "2801 GC",
    "city": "Gouda",
    "vat_number": "NL007654321B99",
    "registration_number": "87654321",
    "iban": "NL20INGB0001234567",
    "electronic_address": "0106:87654321",
}


def demo_shops() -> tuple[list[PlannedShop], list[Example]]:
    """Plan the whole marketplace, always the same."""
    lamps = PlannedShop(
        SellerData("lampenhuis", "Lampenhuis Utrecht (demo)", language="nl", legal=LAMP_LEGAL),
        LAMPS,
        {"anna": "owner", "bram": "agent", "vera": "viewer"},
    )
    pottery = PlannedShop(
        SellerData(
            "carlas-keramiek",
            "Carla's Keramiek (demo)",
            language="nl",
            invoice_cadence="twice_a_month",
            legal=POTTERY_LEGAL,
        ),
        CERAMICS,
        {"carla": "owner"},
    )
    bikes = PlannedShop(
        SellerData("velo-co", "Velo & Co (demo)", country="BE", language="nl", legal={"vat_number": "BE0123456749"}),
        BIKES,
        {"wout": "owner", "anna": "agent"},
    )
    examples = [*lamp_cases(lamps), *pottery_cases(pottery), *bike_cases(bikes)]
    repeated_losses(lamps, pottery, bikes)
    fill_up(
        lamps,
        Habits("2398", {"PostNL": 5, "DPD": 3, "DHL": 2, "GLS": 1}, belgians=0.15, agents=("anna", "bram", "bram")),
        total=160,
    )
    fill_up(
        pottery,
        Habits("3105", {"PostNL": 3, "DHL": 3, "bpost": 2, "DPD": 2}, belgians=0.3, agents=("carla",)),
        total=75,
    )
    fill_up(
        bikes,
        Habits("4460", {"bpost": 5, "PostNL": 2, "GLS": 2, "DPD": 2}, belgians=0.8, agents=("wout", "anna")),
        total=70,
    )
    return [lamps, pottery, bikes], examples
