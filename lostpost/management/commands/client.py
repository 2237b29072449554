"""Make, list and revoke the machines that may use the API."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.make_client import create_client
from lostpost.accounts.models import ApiClient, Seller
from lostpost.accounts.revoke_client import revoke_client
from lostpost.accounts.rotate_client_secret import LONGEST_OVERLAP_DAYS, OVERLAP_DAYS, rotate_client_secret
from lostpost.core.errors import Refused


class Command(BaseCommand):
    """`lostpost client --platform NAME`, `--seller SELLER [--read-only]`, `--list`, `--rotate ID`, `--revoke ID`."""

    help = "Make a client of the API and print its id and secret as JSON, once; or list, rotate or revoke clients."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do."""
        actions = parser.add_mutually_exclusive_group(required=True)
        actions.add_argument("--platform", metavar="NAME", help="a client for the whole marketplace")
        actions.add_argument("--seller", metavar="SELLER", help="a client for one shop")
        actions.add_argument("--list", action="store_true", help="list the clients, one a line")
        actions.add_argument(
            "--rotate", metavar="CLIENT_ID", help="make a new secret; the former one counts on for a while"
        )
        actions.add_argument("--revoke", metavar="CLIENT_ID", help="let a client in no longer")
        parser.add_argument("--read-only", action="store_true", help="with --seller: it may only read")
        parser.add_argument(
            "--overlap-days",
            type=int,
            choices=range(LONGEST_OVERLAP_DAYS + 1),
            default=OVERLAP_DAYS,
            metavar="DAYS",
            help="with --rotate: how long the former secret counts; 0 if somebody may know it (%(default)s)",
        )
        parser.add_argument("--name", help="with --seller: the name that timelines show")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command, or report what is wrong and change nothing."""
        if options["read_only"] and not options["seller"]:
            raise CommandError("--read-only goes with --seller.")
        try:
            if options["list"]:
                self.show()
            elif options["rotate"]:
                days = options["overlap_days"]
                credentials = rotate_client_secret(client_id=options["rotate"], overlap_days=days, now=timezone.now())
                self.stdout.write(json.dumps(credentials._asdict()))
            elif options["revoke"]:
                client = revoke_client(client_id=options["revoke"], now=timezone.now())
                self.stdout.write(f"{client.name} is let in no longer.")
            else:
                self.make(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def make(self, options: dict[str, Any]) -> None:
        """Make a client and show its secret."""
        seller = None
        if options["seller"]:
            seller = Seller.objects.filter(code=options["seller"]).first()
            if seller is None:
                raise CommandError(f"There is no shop {options['seller']}.")
        credentials = create_client(
            name=options["platform"] or options["name"] or f"API of {seller and seller.name}",
            seller=seller,
            read_only=options["read_only"],
            by="operator",
            now=timezone.now(),
        )
        self.stdout.write(json.dumps(credentials._asdict()))

    def show(self) -> None:
        """Show every client."""
        now = timezone.now()
        codes = dict(Seller.objects.values_list("id", "code"))
        for client in ApiClient.objects.order_by("made_at"):
            shop = codes[client.shop_id] if client.shop_id else "platform"
            end = f" (revoked {client.revoked_at:%Y-%m-%d})" if client.revoked_at else ""
            age = f"made {(now - client.made_at).days} days ago by {client.made_by}"
            used = f"used {client.last_used_at:%Y-%m-%d %H:%M} UTC" if client.last_used_at else "never used"
            if client.former_secret_counts_at(now):
                used += f", former secret until {client.former_secret_until:%Y-%m-%d}"
            scopes = " ".join(sorted(client.scopes))
            self.stdout.write("\t".join([client.client_id, shop, scopes, client.name + end, age, used]))
