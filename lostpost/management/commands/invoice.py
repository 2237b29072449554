"""`lostpost invoice`: issue the sales invoices of a period to all shops that have such periods."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.invoice_cadence import CadenceFrom, cadence_on
from lostpost.accounts.models import InvoiceCadence, Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Refused
from lostpost.core.money import format_money
from lostpost.core.ownership import cross_seller
from lostpost.imports.progress import Progress
from lostpost.invoicing.figures import interim_figures
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.periods import Period, cadence_of_name, period_named
from lostpost.invoicing.reads import currencies_of

AT_ONCE = 500  # Shops in memory.


class Command(BaseCommand):
    """Exit status 0 if every invoice that there is to issue is there, 1 if one was refused.

    Each invoice is a transaction of its own, so this can be broken off at any point, killed even, and run again: what
    was issued stays, and the rest follows with the next numbers.
    """

    help = "Issue the sales invoices of a period. Doing it again issues only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the period and the shops."""
        parser.add_argument(
            "--period", required=True, help="a month such as 2026-10; or a half of one, 2026-10-1 or 2026-10-2"
        )
        parser.add_argument(
            "--seller", action="append", default=[], metavar="CODE", help="only this shop; may be given again"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would be invoiced as of now, and stop")

    def handle(self, *, period: str, seller: list[str], dry_run: bool, **options: Any) -> None:
        """Issue the invoices, and report."""
        try:
            asked_period = period_named(period, cadence_of_name(period), current_policy().zone)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        if unknown := set(seller) - set(Seller.objects.filter(code__in=seller).values_list("code", flat=True)):
            raise CommandError(f"There is no shop {', '.join(sorted(unknown))}.")
        if asked_period.ends_at > timezone.now() and not dry_run:
            ends_at = asked_period.ends_at.astimezone(current_policy().zone)
            raise CommandError(f"{period} ends on {ends_at:%Y-%m-%d %H:%M}; --dry-run shows what there is so far.")
        counts = Counter[str]()
        shops = Seller.objects.filter(code__in=seller) if seller else Seller.objects.all()
        with Progress("Shops", total=shops.count()) as progress:
            for shop, its_turn in _shops(seller, asked_period):
                if its_turn:
                    for currency in currencies_of(shop.id, asked_period):
                        counts[self.issue_for(shop, asked_period, currency, dry_run=dry_run)] += 1
                elif seller:
                    self.stderr.write(f"{shop.code}: {period} is no period of this shop; it is invoiced otherwise.")
                    counts["refused"] += 1
                progress.advance()
        self.report(counts, dry_run=dry_run)
        if counts["refused"]:
            sys.exit(1)

    def issue_for(self, shop: Seller, period: Period, currency: str, *, dry_run: bool) -> str:
        """Issue or show one invoice, and return how that went."""
        if dry_run:
            figures = interim_figures(seller_id=shop.id, currency=currency, until_at=period.cut_off_at)
            if not figures.lines:
                return "nothing"
            payable = format_money(figures.payable_minor, currency, settings.LANGUAGE_CODE)
            self.stdout.write(f"{shop.code}: {len(figures.lines)} lines, to be paid {payable}")
            return "would be issued"
        now = timezone.now()
        try:
            invoice = issue_invoice(seller=shop, period=period, currency=currency, now=now)
        except Refused as refusal:
            self.stderr.write(f"{shop.code}, {currency}: {refusal}")
            return "refused"
        if invoice is None:
            return "nothing"
        return "issued" if invoice.issued_at == now else "there already"

    def report(self, counts: Counter[str], *, dry_run: bool) -> None:
        """Sum it up."""
        if dry_run:
            self.stdout.write(f"{counts['would be issued']:,} invoices would be issued. Nothing was changed.")
            return
        self.stdout.write(
            f"{counts['issued']:,} invoices were issued, {counts['there already']:,} were there already,"
            f" {counts['refused']:,} were refused."
        )


def _shops(codes: Sequence[str], period: Period) -> Iterator[tuple[Seller, bool]]:
    """Return the shops by their codes, and whether each has such periods; some hundreds at a time."""
    after = ""
    while True:
        rows = Seller.objects.filter(code__gt=after).order_by("code")
        some = list((rows.filter(code__in=codes) if codes else rows)[:AT_ONCE])
        if not some:
            return
        cadences: dict[Any, list[CadenceFrom]] = {shop.id: [] for shop in some}
        with cross_seller("invoicing: how often each shop is invoiced"):
            entries = InvoiceCadence.objects.filter(seller_id__in=cadences).order_by("seller_id", "from_on")
            for seller_id, from_on, cadence in entries.values_list("seller_id", "from_on", "cadence"):
                cadences[seller_id].append(CadenceFrom(from_on, cadence))
        for shop in some:
            history = cadences[shop.id] or [CadenceFrom(period.from_on, shop.invoice_cadence)]
            yield shop, cadence_on(history, period.from_on) == period.cadence
        after = some[-1].code
