"""`lostpost policy`: show the current policy, change it, and list its versions."""

import getpass
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lostpost.accounts.models import PolicyVersion
from lostpost.accounts.policy import change_policy, current_policy
from lostpost.core.errors import Rejected
from lostpost.core.readiness import waiting_migrations
from lostpost.core.text import strip_unstorable
from lostpost.eligibility.policy import Policy

EXAMPLE = 'lostpost policy set quiet_days=5 time_zone=America/Sao_Paulo --reason "Correios is slow in December"'
_MEANINGS = {
    "quiet_days": "days of 24 hours since the last update of a tracked parcel",
    "quiet_days_untracked": "the same since the hand-over of a parcel without Track & Trace",
    "order_age_days_max": "calendar days since the order was placed; that day is still in time",
    "allow_after_delivery": "whether what was delivered may be written off",
    "pickup_days": "days of 24 hours that a parcel may wait at a pick-up point",
    "time_zone": "where the marketplace's day begins, and the time of the pages",
    "refund_delivery_costs": "whole-order: with the write-off that leaves nothing of the order; or never",
    "commission_vat_rate_bp": "VAT on commission in basis points, in the marketplace's own country; 2100 is 21 %",
    "commission_without_vat_number": "shops elsewhere in the EU without a VAT number: charge that VAT, or refuse",
    "debt_due_days": "days after a sales invoice until which a debt is to be paid; 0: it names no day",
    "fetch_exchange_rates": "whether the European Central Bank's rates are fetched each day",
    "check_vat_numbers_at_vies": "whether VIES is asked about VAT numbers of shops elsewhere in the EU",
    "daily_write_off_count_max": "how many write-offs a shop may confirm on a day; 0: no limit",
    "daily_write_off_minor_max": "how much they may refund on a day, in minor units of each currency; 0: no limit",
    "reopen_days": "days of 24 hours in which a customer's message reopens a handled query; later it opens a new one",
    "close_waiting_days": "days of 24 hours after which a query that waits for the customer closes; 0: never",
    "close_notice_days": "days before that on which the customer gets a notice",
    "declaration_carriers": "carriers that pay claims only with a declaration of the customer, with commas between",
    "found_reminder_days": "days of 24 hours until a customer who was asked to pay again is reminded",
    "found_end_days": "days of 24 hours until that question ends without an answer",
    "batch_lines_max": "orders that a shop writes off at once",
    "batch_minor_max": "minor units (cents) that a shop writes off at once; 0: no limit",
    "batch_day_minor_max": "minor units in all of a shop's batches in one day; 0: no limit",
    "batch_second_person_minor": "minor units of one person in a day above which a second person decides; 0: never",
    "carrier_claim_days": "days since the hand-over within which a loss is claimed from a carrier: DPD: 30, PostNL: 30",
    "query_action_lines_max": "customer queries that a shop answers, assigns, puts aside or closes at once",
}
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


class Command(BaseCommand):
    """Without a subcommand, the current policy is shown."""

    help = f"Show the policy, change it, or tell its history. For example: {EXAMPLE}"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add three subcommands."""
        subcommands = parser.add_subparsers(dest="word", metavar="show | set | history")
        subcommands.add_parser("show", help="the values in force")
        change = subcommands.add_parser("set", help="put another version in force at once; what is not named stays")
        change.add_argument("values", nargs="+", metavar="NAME=VALUE")
        change.add_argument("--reason", required=True, help="stands beside the change for whoever asks later")
        change.add_argument("--by", default="", help="who decides; otherwise the name that you are signed in with")
        subcommands.add_parser("history", help="every version, the newest first")

    def handle(self, *, word: str | None, **options: Any) -> None:
        """Run the subcommand."""
        if unapplied := waiting_migrations():
            raise CommandError(f"{len(unapplied)} migrations are waiting, {unapplied[0]} first. Run: lostpost migrate")
        if word == "set":
            self.change(options["values"], reason=options["reason"], by=options["by"] or _signed_in())
        elif word == "history":
            self.history()
        else:
            self.show(current_policy())

    def change(self, arguments: Sequence[str], *, reason: str, by: str) -> None:
        """Put a new version in force."""
        before = current_policy()
        try:
            policy = change_policy(
                values=read_values(arguments),
                reason=strip_unstorable(reason),
                by=strip_unstorable(by)[:200],
                now=timezone.now(),
            )
        except (ValueError, Rejected) as error:
            raise CommandError(f"{error}\nThe policy stays as it is.") from None
        self.stdout.write(f"Version {policy.version} is in force from now on. {policy_differences(before, policy)}")
        self.stdout.write("Write-offs confirmed before keep the version they were decided on.")

    def show(self, policy: Policy) -> None:
        """Print each value and what it means."""
        since = PolicyVersion.objects.filter(version=policy.version).first()
        if since:
            self.stdout.write(f"Version {policy.version}, in force since {_when(since, policy)} ({since.decided_by})")
        else:
            self.stdout.write("Version 0, the defaults: nobody has decided anything else yet")
        for name, value in policy.values().items():
            self.stdout.write(f"  {f'{name}={_written(value)}':<36} {_MEANINGS.get(name, '')}")

    def history(self) -> None:
        """Print one paragraph for each version."""
        versions = [(row, Policy.from_values(row.values, version=row.version)) for row in _rows()]
        earlier = [policy for _row, policy in versions[1:]] + [Policy()]
        for (row, policy), before in zip(versions, earlier, strict=False):
            self.stdout.write(f"Version {row.version}, {_when(row, policy)}, {row.decided_by}: {row.reason}")
            self.stdout.write(f"  {policy_differences(before, policy)}")
        self.stdout.write("Version 0: the defaults")


def read_values(arguments: Sequence[str]) -> dict[str, Any]:
    """Parse NAME=VALUE arguments, with numbers and booleans; the policy validates them.

    Raises: ValueError with a sentence.
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        name, is_given, text = argument.partition("=")
        name, text = name.strip(), text.strip()
        if not is_given or not name:
            raise ValueError(f"“{argument}” is no NAME=VALUE; write it like quiet_days=5.")
        if name in values:
            raise ValueError(f"{name} is given twice; give it once.")
        values[name] = _read(name, text)
    return values


def policy_differences(before: Policy, after: Policy) -> str:
    """Return what changed: “quiet_days: 3 → 5; …”."""
    old, new = before.values(), after.values()
    return "; ".join(f"{name}: {_written(old[name])} → {_written(new[name])}" for name in new if old[name] != new[name])


def _read(name: str, text: str) -> Any:
    default = Policy().values().get(name)
    if isinstance(default, bool):
        return _TRUTHS.get(text.lower(), text)
    if isinstance(default, int) and text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    return text


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _when(row: PolicyVersion, policy: Policy) -> str:
    return f"{row.decided_at.astimezone(policy.zone):%Y-%m-%d %H:%M %Z}"


def _rows() -> list[PolicyVersion]:
    return list(PolicyVersion.objects.order_by("-version"))


def _signed_in() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # No such user, as in some containers.
        return "the operator"
