"""Lampenhuis Utrecht: what may be written off today, and what only later."""

from __future__ import annotations

from lostpost.management.demo.examples import Examples
from lostpost.management.demo.people import customer
from lostpost.management.demo.plan import moment
from lostpost.management.demo.stage import Stage


def eligible(cases: Examples) -> None:
    """Plan what may be written off today."""
    _of_several_units(cases)
    _just_long_enough_silent(cases)
    _with_unusual_scans(cases)
    _with_unusual_orders(cases)


def _of_several_units(cases: Examples) -> None:
    order = cases.case(
        "2398-4471",
        "two parcels: the lamps went silent with DPD, the shade was delivered by PostNL",
        "eligible delivered",
        customer("Klaas Vaak"),
        {"LH-KER-W": 2, "LH-E27-3": 1, "LH-KAP-30": 1},
        placed=10,
        delivery_minor=4_95,
    )
    order.send("DPD", moment(9, "16:30"), {"1": 2, "2": 1}).travel("sorted")
    order.send("PostNL", moment(9, "17:05"), {"3": 1}).travel("delivered")
    cases.talk(order, 4)
    order.on(3, "15:20", Stage.note, "DPD gebeld: pakket sinds de sortering niet meer gezien.", by="bram")

    order = cases.case(
        "2398-4472",
        "three parcels, three answers: silent, in return, scanned yesterday",
        "eligible returned recent-update",
        customer("Femke de Boer"),
        {"LH-BUREAU": 2, "LH-E14": 4, "LH-KAP-45": 1},
        placed=12,
    )
    order.send("DHL", moment(11, "16:30"), {"1": 2}).travel("sorted")
    order.send("GLS", moment(11, "16:40"), {"2": 4}).travel("delivered")
    order.send("PostNL", moment(2, "16:30"), {"3": 1}).travel("out")
    order.come_back(moment(5, "10:00"), "in_transit", {(2, "2"): 4})
    cases.talk(order, 2)

    order = cases.case(
        "2398-4473",
        "three equal units for 49.99 in one parcel: choose how many, the cents come out even",
        "eligible",
        customer("Thomas Green", language="en"),
        {"LH-DIM": 3},
        placed=14,
        paid={"LH-DIM": 49_99},
        delivery_minor=2_99,
    )
    cases.lost(order, 13)
    cases.talk(order, 6)

    order = cases.case(
        "2398-4474",
        "one of three units written off, two are left",
        "eligible",
        customer("Ruben Bos"),
        {"LH-WAND": 3},
        placed=20,
        paid={"LH-WAND": 149_99},
    )
    cases.lost(order, 19, "GLS")
    cases.talk(order, 14)
    cases.returned(order, {(1, "1"): 1}, 8)
    order.on(5, "14:00", Stage.refund_paid, "BANK-118822")


def _just_long_enough_silent(cases: Examples) -> None:
    order = cases.case(
        "2398-4487",
        "a letter without Track & Trace, sent 9 days ago (a caution says so)",
        "eligible",
        customer("Marit Kuiper"),
        {"LH-POST": 2},
        placed=10,
    )
    order.send("PostNL", moment(9, "17:00"), tracked=False)
    cases.talk(order, 2)

    order = cases.case(
        "2398-4489",
        "day 60: today is the last day to write it off",
        "eligible",
        customer("Wouter Prins"),
        {"LH-HANG": 1},
        placed=60,
    )
    cases.lost(order, 59)
    cases.talk(order, 3)

    order = cases.case(
        "2398-4497",
        "at the pick-up point for more than 14 days",
        "eligible",
        customer("Noor Mulder"),
        {"LH-KAP-30": 2},
        placed=20,
    )
    order.send("PostNL", moment(18, "16:30")).travel("at-point")
    cases.talk(order, 2, answered=False)


def _with_unusual_scans(cases: Examples) -> None:
    order = cases.case(
        "2398-4498",
        "announced, never scanned: perhaps it never left (a caution says so)",
        "eligible",
        customer("Daan Schouten"),
        {"LH-NACHT": 1},
        placed=9,
    )
    order.send("DHL", moment(8, "16:30")).travel("announced")
    cases.talk(order, 3)

    order = cases.case(
        "2398-4499",
        "the carrier could not deliver, then nothing more was heard",
        "eligible",
        customer("Anouk Postma"),
        {"LH-STAAND": 1},
        placed=11,
    )
    order.send("DPD", moment(10, "16:30")).travel("exception")
    cases.talk(order, 4)

    order = cases.case(
        "2398-4500",
        "a scan dated tomorrow is kept, marked, and does not count",
        "eligible",
        customer("Sjoerd Hoekstra"),
        {"LH-E27-3": 3},
        placed=13,
    )
    cases.lost(order, 12, "GLS").scan("out", moment(-1, "10:30"), received=moment(1, "08:00"))
    cases.talk(order, 3)


def _with_unusual_orders(cases: Examples) -> None:
    order = cases.case(
        "2398-4504",
        "a free gift: nothing was paid, so nothing is paid back",
        "eligible",
        customer("Roos Dekker"),
        {"LH-CADEAU": 1},
        placed=15,
    )
    cases.lost(order, 14, "PostNL")
    cases.mention(order)

    order = cases.case(
        "2398-4505",
        "one of three units was cancelled; with the other two the delivery costs go back",
        "eligible",
        customer("Emma Clarke", language="en"),
        {"LH-E14": 3},
        placed=12,
        cancelled={"LH-E14": 1},
        delivery_minor=3_95,
    )
    cases.lost(order, 11)
    cases.talk(order, 3)

    order = cases.case(
        "2398-4512",
        "a return was announced and cancelled: its units are free again",
        "eligible",
        customer("Tijmen Visser"),
        {"LH-SNOER": 2},
        placed=25,
    )
    cases.lost(order, 24, "DHL")
    order.come_back(moment(20, "12:00"), "announced", {(1, "1"): 2})
    order.come_back(moment(9, "12:00"), "cancelled", {(1, "1"): 2})
    cases.mention(order)


def not_yet(cases: Examples) -> None:
    """Plan cases that become eligible as time passes."""
    order = cases.case(
        "2398-4484",
        "scanned yesterday: eligible three days after that",
        "recent-update",
        customer("Ilse Vos"),
        {"LH-KER-B": 1},
        placed=4,
    )
    order.send("DPD", moment(2, "16:30")).travel("out")
    cases.mention(order)

    order = cases.case(
        "2398-4485",
        "the Track & Trace number was corrected yesterday: the clock starts again",
        "recent-update",
        customer("Jeroen Smit"),
        {"LH-LICHT": 1},
        placed=10,
    )
    cases.lost(order, 9, "PostNL")
    order.correct_number(moment(1, "10:15"))
    cases.mention(order)

    order = cases.case(
        "2398-4486",
        "a letter without Track & Trace, sent two days ago",
        "recent-update",
        customer("Lotte Bakker"),
        {"LH-POST": 1},
        placed=3,
    )
    order.send("PostNL", moment(2, "17:00"), tracked=False)
    cases.mention(order)

    order = cases.case(
        "2398-4501",
        "scans came late and out of order; the newest by the carrier's clock counts",
        "recent-update",
        customer("Hanneke Brouwer"),
        {"LH-KAP-45": 1},
        placed=9,
    )
    parcel = order.send("DHL", moment(8, "16:30")).travel("accepted")
    parcel.scan("out", moment(2, "08:40"), received=moment(2, "09:00"))
    parcel.scan("sorted", moment(7, "23:05"), received=moment(1, "18:00"))
    cases.mention(order)

    order = cases.case(
        "2398-4496",
        "waiting at a pick-up point for less than 14 days",
        "awaiting-pickup",
        customer("Koen Willems"),
        {"LH-WAND": 1},
        placed=8,
    )
    order.send("DPD", moment(7, "16:30")).travel("at-point")
    cases.mention(order)
