"""Tracking numbers, scans and texts of five carriers; modelled on theirs, not copied."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta


@dataclass(frozen=True)
class JourneyStage:
    """A step of a parcel's way, and how long after the hand-over it usually comes."""

    name: str
    after: timedelta


_USUAL = (
    JourneyStage("announced", timedelta(hours=-3)),
    JourneyStage("accepted", timedelta(hours=2)),
    JourneyStage("sorted", timedelta(hours=6)),
    JourneyStage("out", timedelta(hours=15, minutes=30)),
)
_BY_DAY = timedelta(hours=20)
WAYS: dict[str, tuple[JourneyStage, ...]] = {  # How a way may end; the usual stages before it are its beginning.
    "announced": _USUAL[:1],
    "accepted": _USUAL[:2],
    "sorted": _USUAL[:3],
    "out": _USUAL,
    "delivered": (*_USUAL, JourneyStage("delivered", _BY_DAY)),
    "neighbours": (*_USUAL, JourneyStage("neighbours", _BY_DAY)),
    "exception": (*_USUAL[:3], JourneyStage("exception", timedelta(hours=17))),
    "at-point": (*_USUAL, JourneyStage("at-point", timedelta(hours=23))),
    "picked-up": (
        *_USUAL,
        JourneyStage("at-point", timedelta(hours=23)),
        JourneyStage("picked-up", timedelta(hours=25)),
    ),
    "returning": (*_USUAL, JourneyStage("returning", timedelta(hours=44))),
    "returned": (
        *_USUAL,
        JourneyStage("returning", timedelta(hours=44)),
        JourneyStage("returned", timedelta(hours=44)),
    ),
}
_STATUS = {
    "announced": "announced",
    "accepted": "with_carrier",
    "sorted": "in_transit",
    "out": "in_transit",
    "exception": "exception",
    "at-point": "at_pickup_point",
    "picked-up": "picked_up",
    "neighbours": "delivered_at_neighbours",
    "delivered": "delivered",
    "returning": "returning",
    "returned": "returned",
}
_WITHOUT_PLACE = {"announced"}


@dataclass(frozen=True)
class CarrierEvent:
    """A scan with our status, and with the carrier's code and text."""

    status: str
    code: str
    text: str


@dataclass(frozen=True)
class Carrier:
    """A carrier, its places, and its code and text for each stage."""

    name: str
    number: str  # "#" is a digit.
    hubs: tuple[str, ...]
    points: tuple[str, ...]
    texts: dict[str, tuple[str, str]]

    def stages(self, until: str) -> Iterator[JourneyStage]:
        """Return the stages of a journey that ends like this; none if nothing is scanned."""
        return iter(WAYS[until] if self.texts else ())

    def event_at(self, stage: str) -> CarrierEvent:
        """Return the event of a stage."""
        return CarrierEvent(_STATUS[stage], *self.texts[stage])

    def place(self, stage: str, chance: random.Random) -> str:
        """Choose the place of a scan."""
        if stage in _WITHOUT_PLACE:
            return ""
        return chance.choice(self.points if stage in ("at-point", "picked-up") else self.hubs)

    def tracking_number(self, chance: random.Random) -> str:
        """Make up a number in the carrier's form."""
        return "".join(str(chance.randrange(10)) if sign == "#" else sign for sign in self.number)


CARRIERS = {
    "PostNL": Carrier(
        "PostNL",
        "3SLPOS#########",
        ("Nieuwegein", "Amersfoort", "Den Hoorn", "Waddinxveen", "Sassenheim", "Ridderkerk", "Tilburg", "Zwolle"),
        ("PostNL-punt Primera, Utrecht", "PostNL-punt Bruna, Haarlem", "PostNL-pakketautomaat, Tilburg"),
        {
            "announced": ("A01", "De zending is aangemeld door de afzender"),
            "accepted": ("B01", "De zending is ontvangen door PostNL"),
            "sorted": ("J01", "De zending is gesorteerd"),
            "out": ("J05", "De bezorger is onderweg"),
            "exception": ("J11", "Het adres is onvolledig of onjuist"),
            "at-point": ("I10", "De zending ligt klaar bij een PostNL-punt"),
            "picked-up": ("I12", "De zending is afgehaald bij een PostNL-punt"),
            "neighbours": ("I08", "De zending is bezorgd bij de buren"),
            "delivered": ("I01", "De zending is bezorgd"),
            "returning": ("H01", "De zending gaat terug naar de afzender"),
            "returned": ("H05", "De zending is terug bij de afzender"),
        },
    ),
    "DPD": Carrier(
        "DPD",
        "0508#########",
        ("Utrecht", "Veenendaal", "Oirschot", "Hoofddorp", "Zwolle", "Mechelen"),
        ("DPD Pickup Kiosk Centraal, Amersfoort", "DPD Pickup Fietsenmaker Jan, Breda"),
        {
            "announced": ("00", "Ordergegevens ontvangen"),
            "accepted": ("05", "Pakket afgegeven aan DPD"),
            "sorted": ("10", "Gesorteerd in het depot"),
            "out": ("03", "Onderweg naar de ontvanger"),
            "exception": ("18", "Bezorgen niet gelukt, gegevens ontbreken"),
            "at-point": ("23", "Beschikbaar in DPD Pickup parcelshop"),
            "picked-up": ("13P", "Afgehaald in DPD Pickup parcelshop"),
            "neighbours": ("13N", "Afgeleverd bij de buren"),
            "delivered": ("13", "Afgeleverd"),
            "returning": ("06", "Retour naar afzender"),
            "returned": ("14", "Afgeleverd bij afzender"),
        },
    ),
    "DHL": Carrier(
        "DHL",
        "JVGL##############",
        ("Hub Zaltbommel", "Hub Tilburg", "CityHub Utrecht", "CityHub Rotterdam", "Hub Eindhoven"),
        ("DHL ServicePoint Plus, Zeist", "DHL ServicePoint Sigarenzaak, Delft"),
        {
            "announced": ("PRENOTIFICATION_RECEIVED", "De verzender heeft je pakket aangemeld"),
            "accepted": ("PARCEL_HANDED_OVER", "We hebben je pakket ontvangen"),
            "sorted": ("PARCEL_SORTED_AT_HUB", "Je pakket is gesorteerd"),
            "out": ("OUT_FOR_DELIVERY", "De bezorger is onderweg"),
            "exception": ("EXCEPTION_DAMAGED_LABEL", "Het label is beschadigd, we zoeken het uit"),
            "at-point": ("AVAILABLE_AT_SERVICEPOINT", "Je pakket ligt klaar bij een DHL ServicePoint"),
            "picked-up": ("COLLECTED_AT_SERVICEPOINT", "Je pakket is opgehaald"),
            "neighbours": ("DELIVERED_AT_NEIGHBOURS", "Bezorgd bij de buren"),
            "delivered": ("DELIVERED", "Bezorgd"),
            "returning": ("RETURNING_TO_SENDER", "Je pakket gaat terug naar de verzender"),
            "returned": ("RETURNED_TO_SENDER", "Terugbezorgd bij de verzender"),
        },
    ),
    "bpost": Carrier(
        "bpost",
        "3232##################",
        ("Brussel X", "Antwerpen X", "Gent X", "Liège X", "Charleroi X", "Hasselt"),
        ("Afhaalpunt Dagbladhandel, Leuven", "Pakjesautomaat station, Gent"),
        {
            "announced": ("ANN", "Zending aangekondigd door de afzender"),
            "accepted": ("ACC", "We hebben je pakje ontvangen"),
            "sorted": ("SOR", "Je pakje is gesorteerd en klaar voor verzending"),
            "out": ("OUT", "Je pakje is onderweg met de postbode"),
            "exception": ("EXC", "Levering niet gelukt: het huisnummer ontbreekt"),
            "at-point": ("AWC", "Je pakje wacht op jou in het afhaalpunt"),
            "picked-up": ("COL", "Je pakje is afgehaald"),
            "neighbours": ("DLN", "Je pakje is geleverd bij een buur"),
            "delivered": ("DLV", "Je pakje is geleverd"),
            "returning": ("RTS", "Je pakje keert terug naar de afzender"),
            "returned": ("RTD", "Je pakje is terugbezorgd aan de afzender"),
        },
    ),
    "GLS": Carrier(
        "GLS",
        "8519########",
        ("Utrecht", "Apeldoorn", "Eindhoven", "Wommelgem", "Drogenbos"),
        ("GLS ParcelShop Buurtsuper, Hasselt", "GLS ParcelShop Tankstation, Ede"),
        {
            "announced": ("0.100", "De pakketgegevens zijn ingevoerd; het pakket is nog niet aan GLS overhandigd"),
            "accepted": ("1.0", "Het pakket is overhandigd aan GLS"),
            "sorted": ("2.0", "Het pakket heeft het pakketcentrum verlaten"),
            "out": ("11.0", "Het pakket wordt in de loop van de dag afgeleverd"),
            "exception": ("4.12", "Het pakket kon niet worden afgeleverd: ontvanger onbekend"),
            "at-point": ("3.124", "Het pakket ligt klaar in de ParcelShop"),
            "picked-up": ("3.121", "Het pakket is opgehaald in de ParcelShop"),
            "neighbours": ("3.120", "Het pakket is afgeleverd bij de buren"),
            "delivered": ("3.0", "Het pakket is afgeleverd"),
            "returning": ("4.40", "Het pakket gaat retour naar de afzender"),
            "returned": ("4.60", "Het pakket is retour bij de afzender"),
        },
    ),
}
NO_TRACKING = {name: replace(carrier, number="", texts={}) for name, carrier in CARRIERS.items()}
