"""The example cases, shop by shop, under order numbers that never change."""

from __future__ import annotations

from lostpost.management.demo.cases_possible import eligible, not_yet
from lostpost.management.demo.cases_refused import not_possible, refused_cases, written_off
from lostpost.management.demo.examples import Example, Examples
from lostpost.management.demo.people import customer
from lostpost.management.demo.plan import PlannedShop, moment
from lostpost.management.demo.stage import Stage


def lamp_cases(shop: PlannedShop) -> list[Example]:
    """Plan the cases of Lampenhuis Utrecht: one of everything, for Anna, Bram and Vera."""
    cases = Examples(shop, by="anna")
    eligible(cases)
    not_yet(cases)
    not_possible(cases)
    written_off(cases)
    refused_cases(cases)
    return cases.examples


def pottery_cases(shop: PlannedShop) -> list[Example]:
    """Plan the cases of Carla's Keramiek, which Anna must never see."""
    cases = Examples(shop, by="carla")
    order = cases.case(
        "3105-7701",
        "another shop's order: Carla sees it, nobody of Lampenhuis does",
        "eligible",
        customer("Griet Maes", country="BE"),
        {"CK-VAAS": 1, "CK-KOM": 2},
        placed=9,
        delivery_minor=5_95,
    )
    cases.lost(order, 8)
    cases.talk(order, 3)

    order = cases.case(
        "3105-7702",
        "six plates, written off two and two: two are left",
        "eligible",
        customer("Elke Jacobs", country="BE"),
        {"CK-BORD-6": 6},
        placed=28,
        paid={"CK-BORD-6": 455_00},
    )
    cases.lost(order, 27, "bpost")
    cases.talk(order, 20)
    cases.returned(order, {(1, "1"): 2}, 15)
    order.on(12, "13:30", Stage.refund_paid, "BANK-400117")
    cases.returned(order, {(1, "1"): 2}, 10)
    return cases.examples


def bike_cases(shop: PlannedShop) -> list[Example]:
    """Plan the cases of Velo & Co, in Belgium."""
    cases = Examples(shop, by="wout")
    order = cases.case(
        "4460-1201",
        "a French-speaking customer of a shop that is run in Dutch: the e-mail is in French",
        "eligible",
        customer("Amélie Dubois", language="fr-BE", country="BE"),
        {"VC-TAS": 1},
        placed=12,
    )
    cases.lost(order, 11, "bpost")
    cases.talk(order, 4)

    order = cases.case(
        "4460-1202",
        "an order in Danish kroner",
        "eligible",
        customer("Mads Nielsen", language="da", country="DK"),
        {"VC-ZADEL": 1},
        placed=17,
        paid={"VC-ZADEL": 665_00},
        delivery_minor=49_00,
        currency="DKK",
    )
    cases.lost(order, 16, "GLS")
    cases.talk(order, 5)

    order = cases.case(
        "4460-1203",
        "one canopy in three boxes: one box is missing",
        "eligible delivered",
        customer("Wim Goossens", country="BE"),
        {"VC-KIT": 3},
        placed=13,
        paid={"VC-KIT": 289_00},
    )
    for number in range(3):
        order.send("bpost", moment(12, "16:30"), {"1": 1}).travel("sorted" if number == 1 else "delivered")
    cases.talk(order, 5)
    return cases.examples
