"""`lostpost connect`: sources of scans, carriers that are asked for them, and platforms on which a shop sells."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.accounts.reads import seller_of_code
from lostpost.connectors.registry import CONNECTORS
from lostpost.connectors.sales_channels.run_channel import PLATFORMS
from lostpost.connectors.tracking_sources.connect_source import connect_source, disconnect_source
from lostpost.connectors.tracking_sources.take_delivery import SOURCES
from lostpost.core.errors import Refused
from lostpost.core.ownership import cross_seller
from lostpost.eligibility.facts import ScanStatus
from lostpost.management.connector_accounts import check_accounts, connect_or_disconnect
from lostpost.management.sales_channels import ChannelCommands, add_channel_actions, add_channel_arguments
from lostpost.texts.tracking_sources import WORKING, last_success_text, tracking_source_state, tracking_source_text
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.scan_codes import codes_to_map, map_scan_code
from lostpost.tracking.take_kept_scans import take_kept_scans

NAMES = sorted([*SOURCES, *CONNECTORS, *PLATFORMS])
REFUSED = "could not be taken in: too many parcels have the number, or the time cannot be right"


class Command(BaseCommand):
    """`lostpost connect NAME --seller CODE [--secret-file FILE]`, `… --remove`, `--check`, `--codes`, `--map`."""

    help = (
        "Connect a shop to a source of Track & Trace and print address and secret as JSON, once; or set up an account "
        "with a carrier, for one shop or for all. Check how they fare (exit status 1 if one of them does not deliver "
        "or answer); or disconnect one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do."""
        parser.add_argument("name", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
        parser.add_argument("--seller", metavar="CODE", help="the shop; with --check: this shop alone")
        parser.add_argument(
            "--secret-file",
            type=Path,
            metavar="FILE",
            help="a file with the source's secret, the carrier's key or the platform's",
        )
        parser.add_argument(
            "--set", action="append", metavar="NAME=VALUE", help="of an account: another setting, as the guide has it"
        )
        parser.add_argument("--calls-a-day", type=int, metavar="N", help="of an account: as agreed with the carrier")
        parser.add_argument("--seconds-between-calls", type=float, metavar="S", help="of an account: likewise")
        add_channel_arguments(parser)
        actions = parser.add_mutually_exclusive_group()
        actions.add_argument("--check", action="store_true", help="say how the source fares, a line per shop")
        actions.add_argument("--remove", action="store_true", help="refuse what it sends from now on")
        actions.add_argument("--codes", action="store_true", help="list the codes of kept scans that nobody has mapped")
        actions.add_argument(
            "--map", metavar="CODE=STATUS", help="say what a code means; an empty STATUS: it is no scan"
        )
        parser.add_argument("--carrier", default="", metavar="CARRIER", help="with --map: at this carrier alone")
        add_channel_actions(actions)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command, or report what is wrong and change nothing."""
        seller = self.seller(options["seller"]) if options["seller"] else None
        if options["name"] in PLATFORMS:
            ChannelCommands(options["name"], self.stdout).handle(seller, options)
            return
        if options["check"] and options["name"] in CONNECTORS:
            check_accounts(options["name"], seller, self.stdout)
            return
        if options["check"]:
            self.check_source(options["name"], seller)
            return
        if options["codes"]:
            self.list_codes(options["name"])
            return
        if options["map"]:
            self.map_code(options["name"], options["map"], options["carrier"])
            return
        try:
            if options["name"] in CONNECTORS:
                connect_or_disconnect(options["name"], seller, options, self.stdout)
            elif seller is None:
                raise CommandError("Name the shop with --seller.")
            elif options["remove"]:
                disconnect_source(seller=seller, source=options["name"])
                self.stdout.write(f"What {options['name']} sends of {seller.code} is refused from now on.")
            else:
                secret = _secret(options["secret_file"])
                connected = connect_source(
                    seller=seller, source=options["name"], secret=secret, by="operator", now=timezone.now()
                )
                self.stdout.write(json.dumps({"address": connected.address, "secret": connected.secret}))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def seller(self, code: str) -> Seller:
        """Return the shop."""
        seller = seller_of_code(code)
        if seller is None:
            raise CommandError(f"There is no shop {code}.")
        return seller

    def list_codes(self, source: str) -> None:
        """List the codes that wait for a meaning, the most frequent first."""
        for each in codes_to_map():
            if each.source == source:
                counts = f"{each.scans} scans\t{each.shops} shops\tlast {last_success_text(each.last_at)}"
                means = "" if each.status is None else f"\t{REFUSED}"
                self.stdout.write(f"{each.code or '(none)'}\t{each.carrier}\t{counts}\t{each.text}{means}")

    def map_code(self, source: str, mapping: str, carrier: str) -> None:
        """Say what a code means, and take in what was kept with it."""
        code, equals, status = mapping.rpartition("=")
        if not equals or (status and status not in list(ScanStatus)):
            statuses = ", ".join(status.value for status in ScanStatus)
            raise CommandError(f"Write CODE=STATUS, where STATUS is empty (no scan) or one of {statuses}.")
        now = timezone.now()
        map_scan_code(source=source, carrier=carrier, code=code, status=status, by="operator", now=now)
        kept = take_kept_scans(source=source, code=code, now=now)
        self.stdout.write(f"{code} means {status or 'no scan'} from now on; {kept.taken_in} kept scans were taken in.")
        if kept.refused:
            self.stdout.write(f"{kept.refused} kept scans {REFUSED}. They stay kept; map the code again to retry.")

    def check_source(self, source: str, seller: Seller | None) -> None:
        """Say of each shop how the source fares."""
        rows = TrackingSource.objects.filter(source=source).select_related("seller")
        if seller:
            rows = rows.filter(seller_id=seller.id)
        with cross_seller("the operator: how a source fares in all shops"):
            checked = list(rows.order_by("seller__code"))
        for row in checked:
            facts = [
                *(row.seller.code, tracking_source_state(row), f"last success {last_success_text(row.delivered_at)}"),
                *(f"{row.deliveries} deliveries", f"{row.scans} scans", f"{row.scans_rejected} scans rejected"),
                *(f"{row.refused} refused", tracking_source_text(row)),
            ]
            self.stdout.write("\t".join(facts))
        if not checked:
            raise CommandError(f"No shop is connected to {source}." if seller is None else "It is not connected.")
        if any(tracking_source_state(row) != WORKING for row in checked):
            sys.exit(1)


def _secret(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
