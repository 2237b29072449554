"""Lampenhuis Utrecht: what may not be written off, what was, and the states of customer queries."""

from __future__ import annotations

from lostpost.management.demo.examples import Examples
from lostpost.management.demo.people import customer
from lostpost.management.demo.plan import LABEL, LOGISTICS, SHIPPING, PlannedOrder, moment
from lostpost.management.demo.stage import Stage
from lostpost.management.demo.talk import THANKS, text_in


def not_possible(cases: Examples) -> None:
    """Plan what the seller may not write off, and what to do instead."""
    _not_sent(cases)
    _for_partnerservice(cases)
    _delivered_or_returned(cases)


def _not_sent(cases: Examples) -> None:
    order = cases.case(
        "2398-4479",
        "ordered, not sent yet",
        "not-shipped",
        customer("Yasmina El Amrani"),
        {"LH-HANG": 1},
        placed=1,
    )
    order = cases.case(
        "2398-4480",
        "partly sent: the bulbs were delivered, the lamp has not left",
        "delivered not-shipped",
        customer("Gijs Peters"),
        {"LH-STAAND": 1, "LH-E27-3": 2},
        placed=9,
    )
    order.send("PostNL", moment(8, "16:30"), {"2": 2}).travel("delivered")
    cases.mention(order)


def _for_partnerservice(cases: Examples) -> None:
    sentence = "De klant en ik hebben niets ontvangen; mag dit pakket worden afgeschreven?"
    for number, method, what, name in (
        ("2398-4481", LOGISTICS, "sent by Logistics via the platform", "Stijn Hendriks"),
        ("2398-4482", SHIPPING, "sent by Shipping via the platform; Partnerservice has been asked", "Tess Meijer"),
        ("2398-4483", LABEL, "sent with a label via the platform; Partnerservice has answered", "Rachid Yılmaz"),
    ):
        order = cases.case(number, what, method.replace("_", "-"), customer(name), {"LH-KER-W": 1}, placed=15)
        cases.lost(order, 14, "PostNL", by=method)
        cases.talk(order, 8)
        if method != LOGISTICS:
            order.on(6, "09:30", Stage.ask, sentence, by="bram")
        if method == LABEL:
            order.on(
                5,
                "13:45",
                Stage.answer_request,
                "We hebben PostNL om onderzoek gevraagd; dat duurt vijf werkdagen. Laat de klantvraag open.",
            )

    order = cases.case(
        "2398-4488",
        "ordered more than 60 days ago; Partnerservice has been asked",
        "order-too-old",
        customer("Willemijn Kok"),
        {"LH-BUREAU": 1},
        placed=75,
    )
    cases.lost(order, 74)
    cases.talk(order, 4)
    order.on(2, "16:10", Stage.ask, "De klant meldde zich pas na ruim twee maanden. Kan het alsnog?", by="anna")

    order = cases.case(
        "2398-4490",
        "scanned as delivered, and the customer has nothing; Partnerservice has been asked",
        "delivered",
        customer("Olivia Brown", language="en"),
        {"LH-KER-B": 2},
        placed=13,
    )
    order.send("DPD", moment(12, "16:30")).travel("delivered")
    cases.talk(order, 9)
    order.on(7, "10:20", Stage.ask, "DPD zegt bezorgd, de klant zegt van niet; er is geen handtekening.", by="anna")


def _delivered_or_returned(cases: Examples) -> None:
    for number, ending, about in (
        ("2398-4491", "neighbours", "delivered at the neighbours"),
        ("2398-4492", "picked-up", "picked up at a point"),
    ):
        order = cases.case(number, about, "delivered", customer("Naomi de Wit"), {"LH-NACHT": 2}, placed=16)
        order.send("DHL", moment(15, "16:30")).travel(ending)
        cases.mention(order)
    for number, ending, about in (
        ("2398-4493", "returning", "on its way back to you"),
        ("2398-4495", "returned", "came back to you; register the return"),
    ):
        order = cases.case(
            number, about, "returned-to-sender", customer("Joost van Leeuwen"), {"LH-SNOER": 1}, placed=14
        )
        order.send("GLS", moment(13, "16:30")).travel(ending)
        cases.mention(order)

    for number, status, about in (
        ("2398-4494", "received", "came back, and the return is registered"),
        ("2398-4503", "announced", "the customer announced a return of all units"),
    ):
        order = cases.case(number, about, "returned", customer("Maaike Dijkstra"), {"LH-KAP-30": 2}, placed=24)
        order.send("PostNL", moment(23, "16:30")).travel("delivered")
        order.come_back(moment(6, "14:00"), status, {(1, "1"): 2})
        cases.mention(order)

    order = cases.case(
        "2398-4502",
        "every reason at once: label via the platform, too old, delivered, and only yesterday",
        "label-via-platform order-too-old delivered recent-update",
        customer("Pieter van der Heijden"),
        {"LH-LICHT": 1},
        placed=66,
    )
    parcel = order.send("PostNL", moment(65, "16:30"), by=LABEL).travel("sorted")
    parcel.scan("delivered", moment(1, "11:45"))
    cases.mention(order)


def written_off(cases: Examples) -> None:
    """Plan earlier write-offs, with the outcomes of their refunds."""

    def lost_case(number: str, about: str, name: str, sku: str = "LH-KER-W") -> PlannedOrder:
        order = cases.case(number, about, "fully-written-off", customer(name), {sku: 1}, placed=21, delivery_minor=4_95)
        cases.lost(order, 20, "DPD")
        cases.talk(order, 15)
        cases.returned(order, {(1, "1"): 1}, 12)
        return order

    order = lost_case("2398-4475", "written off, paid back, and handled", "Sanne Kuiper")
    order.on(9, "14:00", Stage.refund_paid, "BANK-118790")
    order.on(8, "20:02", Stage.receive, text_in(THANKS, "nl"))
    order.on(7, "09:05", Stage.close, by="anna")

    lost_case(
        "2398-4476", "written off with its delivery costs; the refund waits for finance", "Bas Hoekstra", "LH-HANG"
    )

    order = lost_case(
        "2398-4477", "the refund failed: the query stays open, and Partnerservice has been asked", "Eline Vos"
    )
    order.on(9, "14:05", Stage.refund_failed, "Rekening opgeheven (AC04)")
    order.on(8, "09:50", Stage.note, "Klant om een nieuw rekeningnummer gevraagd.", by="bram")
    sentence = "De klant heeft geen andere rekening. Kan het bedrag anders worden uitbetaald?"
    order.on(3, "11:05", Stage.ask_about, "refund-failed", sentence, by="bram")

    order = lost_case("2398-4478", "the refund failed, was asked for again, and is on its way", "Thijs Mulder")
    order.on(9, "14:10", Stage.refund_failed, "Tijdelijk geen verbinding met de bank")
    order.on(8, "14:15", Stage.retry_refund)
    order.on(8, "14:20", Stage.send_refund)

    order = cases.case(
        "2398-4511",
        "lost, then found after its write-off; Partnerservice has been asked",
        "fully-written-off",
        customer("Floor Meijer"),
        {"LH-KAP-45": 1},
        placed=30,
    )
    parcel = cases.lost(order, 29, "PostNL")
    cases.talk(order, 22)
    cases.returned(order, {(1, "1"): 1}, 18)
    order.on(15, "14:00", Stage.refund_paid, "BANK-118731")
    order.on(14, "09:20", Stage.close, by="anna")
    parcel.scan("out", moment(10, "08:20")).scan("delivered", moment(10, "13:10"))
    order.on(9, "08:00", Stage.look_at_scans)
    order.on(9, "21:15", Stage.receive, "Tot mijn verbazing is het pakket vandaag toch bezorgd. Wat nu?")
    sentence = "De klant wil de lamp houden, maar niet via de link betalen. Wat kan er wel?"
    order.on(4, "15:40", Stage.ask_about, "found", sentence, by="anna")


def refused_cases(cases: Examples) -> None:
    """Plan a customer query in each state."""

    def eligible(number: str, about: str, name: str, *, language: str = "nl") -> PlannedOrder:
        order = cases.case(number, about, "eligible", customer(name, language=language), {"LH-BUREAU": 1}, placed=16)
        cases.lost(order, 15, "GLS")
        return order

    order = eligible("2398-4506", "the customer's mailbox refused our e-mail", "Marloes Brouwer")
    cases.talk(order, 5, answered=False)
    order.on(5, "10:01", Stage.refuse_mail, "550 5.2.2 mailbox full")

    order = eligible("2398-4507", "query put aside: follow up later", "Mehmet Smit")
    cases.talk(order, 7)
    order.on(6, "08:50", Stage.note, "GLS zoekt in het depot; volgende week weer bellen.", by="anna")
    order.on(6, "08:52", Stage.put_aside, "follow_up_later", by="anna")

    order = eligible("2398-4513", "write-offs of the order are on hold, and the shop has appealed", "Bram de Boer")
    cases.talk(order, 6)
    order.on(5, "12:10", Stage.hold, "Vierde verlies op dit adres in drie maanden; we kijken er eerst naar.")
    order.on(4, "09:35", Stage.appeal, "GLS heeft het verlies van dit pakket schriftelijk bevestigd.", by="anna")

    order = eligible("2398-4508", "query put aside: waiting for the customer", "Jack Miller", language="en")
    cases.talk(order, 6)
    order.on(5, "09:10", Stage.answer, "Would you prefer your money back, or a new lamp?", by="bram")
    order.on(5, "09:11", Stage.put_aside, "waiting_for_customer", by="bram")

    order = eligible("2398-4509", "the query is handled: reopen it first", "Bram-Jan Postma")
    cases.talk(order, 8)
    order.on(7, "09:30", Stage.answer, "Fijn dat je nog even wilt wachten.", by="anna", leave_open=False)

    order = eligible("2398-4510", "the query is with Partnerservice", "Fatima El Amrani")
    cases.talk(order, 6)
    order.on(3, "11:00", Stage.hand_over)
