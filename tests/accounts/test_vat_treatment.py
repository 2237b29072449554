"""How VAT is charged on commission, by who the shop is."""

import pytest

from lostpost.accounts.vat_treatment import ShopForVat, commission_treatment, lacks_number
from lostpost.core.vat import VatTreatment

HOME = VatTreatment("S", 2100)
REVERSED = VatTreatment("AE", 0)
OUTSIDE = VatTreatment("O", 0)


@pytest.mark.parametrize(
    ("country", "vat_number", "treatment"),
    [
        ("NL", "NL123456789B13", HOME),
        ("NL", "", HOME),
        ("NL", "BE0123456749", HOME),  # Where it is decides, not where it has a number.
        ("BE", "BE0123456749", REVERSED),
        ("BE", "BE 0123.456.749", REVERSED),
        ("BE", "DE136695976", REVERSED),  # A business by a number of another member state.
        ("BE", "BE0123456748", HOME),  # A check digit is wrong.
        ("BE", "", HOME),
        ("BE", "NL123456789B13", HOME),  # For its trade here; it says nothing of where it is.
        ("DE", "DE136695976", REVERSED),
        ("GR", "EL094259216", REVERSED),
        ("GR", "GR094259216", REVERSED),
        ("MC", "FR40303265045", REVERSED),  # Monaco counts as France.
        ("CN", "", OUTSIDE),
        ("CN", "DE136695976", OUTSIDE),  # For its trade in the Union; it is elsewhere.
        ("GB", "GB980780684", OUTSIDE),
        ("GB", "XI980780684", OUTSIDE),  # Northern Ireland is in the Union for goods alone.
        ("CH", "CHE-107.787.577 IVA", OUTSIDE),
        ("NO", "995525828MVA", OUTSIDE),
    ],
)
def test_vat_on_commission_follows_who_the_shop_is(country, vat_number, treatment):
    assert commission_treatment(ShopForVat(country, vat_number), rate_bp=2100) == treatment


def test_a_marketplace_outside_the_union_charges_vat_at_home_only(settings):
    settings.LOSTPOST_MARKETPLACE = {**settings.LOSTPOST_MARKETPLACE, "country": "CH"}

    treatments = [
        commission_treatment(ShopForVat(country, number), rate_bp=810)
        for country, number in (("CH", ""), ("BE", "BE0123456749"), ("NL", ""))
    ]

    assert treatments == [VatTreatment("S", 810), OUTSIDE, OUTSIDE]


@pytest.mark.parametrize(
    ("country", "vat_number", "lacking"),
    [("NL", "", False), ("CN", "", False), ("BE", "BE0123456749", False), ("BE", "", True), ("BE", "BE1", True)],
)
def test_only_shops_elsewhere_in_the_union_need_a_number(country, vat_number, lacking):
    assert lacks_number(ShopForVat(country, vat_number)) == lacking
