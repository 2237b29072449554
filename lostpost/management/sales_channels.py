"""`lostpost connect bol|…`: the platforms on which a shop sells."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.connectors.remote_apis.problems import CredentialsUnreadable, RemoteProblem, TooManyCalls
from lostpost.connectors.sales_channels.connect_channel import connect_channel, disconnect_channel
from lostpost.connectors.sales_channels.run_channel import PLATFORMS, check_channel
from lostpost.core.errors import Refused
from lostpost.core.ownership import cross_seller
from lostpost.core.sealed import KeyMissing
from lostpost.management.connector_accounts import credentials_in_file
from lostpost.sales_channels.carrier_names import map_carrier_name, names_to_map
from lostpost.sales_channels.models import RefusedRecord, SalesChannel
from lostpost.texts.sales_channels import channel_state, channel_text, platform_problem_text
from lostpost.texts.tracking_sources import last_success_text


def add_channel_arguments(parser: ArgumentParser) -> None:
    """Take what is said of a platform."""
    parser.add_argument("--prefix", metavar="PREFIX", help="of a platform: stands before the numbers of its orders")
    parser.add_argument("--account", default="", metavar="ACCOUNT", help="of a platform: this account alone")


def add_channel_actions(actions: Any) -> None:
    """Take what to do with a platform."""
    actions.add_argument("--carriers", action="store_true", help="list carriers' names that nobody has mapped")
    actions.add_argument("--map-carrier", metavar="NAME=CARRIER", help="say which carrier a name means")


class ChannelCommands:
    """What the command does for one platform."""

    def __init__(self, platform: str, out: OutputWrapper) -> None:
        self.platform = platform
        self.out = out

    def handle(self, seller: Seller | None, options: dict[str, Any]) -> None:
        """Do what is wanted; end with 1 where a channel does not work. Raises: CommandError."""
        if options["codes"] or options["map"]:
            raise CommandError(f"{self.platform} is no source of scans of its own: --codes and --map are for those.")
        try:
            if options["carriers"]:
                self.out.write("\n".join(names_to_map()))
            elif options["map_carrier"]:
                self.map_carrier(options["map_carrier"])
            elif options["check"]:
                if not self.check(seller, options["account"]):
                    sys.exit(1)
            elif seller is None:
                raise CommandError("Name the shop with --seller.")
            elif options["remove"]:
                self.remove(seller, options["account"])
            else:
                self.connect(seller, options["secret_file"], options["prefix"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def connect(self, seller: Seller, file: Path | None, prefix: str | None) -> None:
        """Connect a shop, or give its connection other credentials."""
        names = [each.name for each in PLATFORMS[self.platform].credentials]
        if file is None:
            raise CommandError(f"Give a file with {', '.join(names)} with --secret-file: lines of NAME=VALUE.")
        values = credentials_in_file(file, names)
        row, new = connect_channel(
            seller=seller, platform=self.platform, values=values, prefix=prefix, by="operator", now=timezone.now()
        )
        done = "connected" if new else "given other credentials"
        before = f" Its numbers begin with {row.prefix}." if row.prefix else ""
        self.out.write(f"{row.account} of {seller.code} is {done}; the worker fetches from now on.{before}")

    def remove(self, seller: Seller, account: str) -> None:
        """Disconnect a shop."""
        for row in self.rows(seller, account):
            disconnect_channel(row=row, seller=seller)
            self.out.write(f"Nothing is fetched of {row.account} of {seller.code} any more; what came stays.")

    def map_carrier(self, mapping: str) -> None:
        """Say which carrier a name means."""
        name, equals, carrier = mapping.partition("=")
        if not equals:
            raise CommandError("Write NAME=CARRIER.")
        map_carrier_name(name=name, carrier=carrier, by="operator", now=timezone.now())
        self.out.write(f"{name} means {carrier} from now on.")

    def check(self, seller: Seller | None, account: str) -> bool:
        """Say of each shop how its channel fares, and ask the platform now; return whether all is well."""
        well = True
        for row in self.rows(seller, account):
            answer = self.answer_of(row)
            with cross_seller("the operator: how a platform fares in all shops"):
                refused = RefusedRecord.objects.filter(seller_id=row.seller_id, channel_id=row.id).count()
            facts = [
                *(row.seller.code, row.account, channel_state(row)),
                f"last success {last_success_text(row.succeeded_at)}",
                f"next run {last_success_text(row.next_run_at)}",
                *(f"{row.orders} orders", f"{row.parcels} parcels", f"{row.returns} returns", f"{row.scans} scans"),
                f"{refused} records refused",
                channel_text(row),
                answer or "the platform answers",
            ]
            self.out.write("\t".join(facts))
            well = well and not answer and not row.problem
        return well

    def answer_of(self, row: SalesChannel) -> str:
        """Ask the platform; return what is wrong."""
        try:
            check_channel(row)
        except TooManyCalls:
            return ""  # It knows us.
        except RemoteProblem as problem:
            return platform_problem_text(problem.code, str(problem))
        except KeyMissing:
            return platform_problem_text(CredentialsUnreadable.code, "")
        return ""

    def rows(self, seller: Seller | None, account: str) -> list[SalesChannel]:
        """Return the channels that are meant. Raises: CommandError if there is none."""
        rows = SalesChannel.objects.filter(platform=self.platform).select_related("seller")
        if seller:
            rows = rows.filter(seller_id=seller.id)
        if account:
            rows = rows.filter(account=account)
        with cross_seller("the operator: how a platform fares in all shops"):
            selected = list(rows.order_by("seller__code", "account"))
        if not selected:
            missing = f"No shop is connected to {self.platform}." if seller is None else "It is not connected."
            raise CommandError(missing)
        return selected
