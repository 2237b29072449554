"""What the three shops sell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """An article, its price with VAT, and the marketplace's commission on it."""

    sku: str
    title: str
    price_minor: int
    commission_rate_bp: int
    commission_fixed_minor: int = 0  # For each unit.

    def commission_minor(self, paid_minor: int, quantity: int) -> int:
        """Return the commission on a line, VAT excluded."""
        return paid_minor * self.commission_rate_bp // 10_000 + self.commission_fixed_minor * quantity


def _articles(rate_bp: int, fixed_minor: int, *lines: tuple[str, str, int]) -> dict[str, Article]:
    return {sku: Article(sku, title, price_minor, rate_bp, fixed_minor) for sku, title, price_minor in lines}


LAMPS = _articles(
    1240,
    30,
    ("LH-KER-W", "Tafellamp Keramiek, wit", 39_95),
    ("LH-KER-B", "Tafellamp Keramiek, blauw", 39_95),
    ("LH-E27-3", "LED-lamp E27 warm wit, 3 stuks", 11_99),
    ("LH-E14", "LED-kaarslamp E14 dimbaar", 4_49),
    ("LH-KAP-30", "Lampenkap linnen Ø 30 cm, naturel", 24_50),
    ("LH-KAP-45", "Lampenkap linnen Ø 45 cm, zwart", 34_50),
    ("LH-STAAND", "Staande leeslamp Kees, messing", 119_00),
    ("LH-HANG", "Hanglamp Rotan Ø 50 cm", 79_90),
    ("LH-WAND", "Wandlamp Zeist, set van 2", 54_95),
    ("LH-BUREAU", "Bureaulamp Vecht met klem", 44_95),
    ("LH-SNOER", "Strijkijzersnoer 3 m, oker", 12_75),
    ("LH-DIM", "Vloerdimmer led 3-50 W", 17_95),
    ("LH-LICHT", "Lichtsnoer buiten 10 m, 20 lampjes", 32_95),
    ("LH-NACHT", "Nachtlampje Egel", 15_95),
    ("LH-POST", "Ansichtkaarten Utrecht bij lamplicht, 8 stuks", 6_95),
    ("LH-CADEAU", "Proeflampje (gratis bij de actie)", 0),
)
CERAMICS = _articles(
    1500,
    0,
    ("CK-MOK-4", "Mokken handgedraaid, 4 stuks", 48_00),
    ("CK-KOM", "Ontbijtkom celadon", 16_50),
    ("CK-BORD-6", "Borden Ø 27 cm zandkleur, 6 stuks", 84_00),
    ("CK-VAAS", "Vaas Wadden, groot", 64_95),
    ("CK-THEE", "Theepot met hengsel, zwart", 57_50),
    ("CK-PLANT", "Bloempot met schotel Ø 18 cm", 22_95),
    ("CK-ZEEP", "Zeepbakje golf", 11_50),
    ("CK-TEGEL", "Tegel met huisnummer", 18_95),
    ("CK-SCHAAL", "Serveerschaal ovaal 38 cm", 42_00),
    ("CK-MAGNEET", "Koelkastmagneetjes vis, 3 stuks", 7_95),
)
BIKES = _articles(
    900,
    99,
    ("VC-BAND", "Buitenband 28 inch reflecterend", 24_95),
    ("VC-BEL", "Fietsbel messing", 14_50),
    ("VC-SLOT", "Kettingslot ART-2, 110 cm", 49_95),
    ("VC-TAS", "Dubbele fietstas waterdicht 40 l", 74_95),
    ("VC-LICHT", "Koplamp usb 70 lux", 34_90),
    ("VC-ZADEL", "Zadel leer, honing", 89_00),
    ("VC-HELM", "Fietshelm stad, mat groen M", 64_95),
    ("VC-KETTING", "Ketting 8 speed met sluitschakel", 17_95),
    ("VC-POMP", "Vloerpomp met manometer", 36_50),
    ("VC-REK", "Voordrager alu met houten plank", 58_00),
    ("VC-KIT", "Bakfietshuif met ramen, per doos", 99_00),
    ("VC-LAPJES", "Bandenplaksetje", 4_95),
)
