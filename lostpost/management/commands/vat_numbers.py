"""`lostpost vat-numbers`: how VAT is charged to shops elsewhere, and what VIES says of their numbers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.vat_treatment import commission_treatment, shop_for_vat
from lostpost.connectors.vies.check_vat_number import check_vat_number
from lostpost.texts.vat_numbers import vat_number_sentences


class Command(BaseCommand):
    """Exit status 0, whatever VIES says; its answer is kept."""

    help = "Show how VAT is charged on the commission of shops; with --check, ask VIES about their numbers now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the shops."""
        parser.add_argument("seller", nargs="+", metavar="SELLER", help="code of a shop")
        parser.add_argument("--check", action="store_true", help="ask VIES now, which the policy must allow")

    def handle(self, *, seller: list[str], check: bool, **options: Any) -> None:
        """Show each shop, after VIES was asked."""
        shops = list(Seller.objects.filter(code__in=seller).order_by("code"))
        if unknown := set(seller) - {shop.code for shop in shops}:
            raise CommandError(f"There is no shop {', '.join(sorted(unknown))}.")
        policy = current_policy()
        if check and not policy.check_vat_numbers_at_vies:
            raise CommandError("The policy does not allow it: lostpost policy set check_vat_numbers_at_vies=yes …")
        for shop in shops:
            number = shop_for_vat(shop).number_to_check
            if check and number:
                check_vat_number(shop, number, now=timezone.now())
            vat = commission_treatment(shop_for_vat(shop), rate_bp=policy.commission_vat_rate_bp)
            self.stdout.write(f"{shop.code}: {vat.category} at {vat.rate_bp / 100:g} %")
            for sentence in vat_number_sentences(shop):
                self.stdout.write(f"  {sentence}")
