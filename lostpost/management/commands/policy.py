"""`lostpost policy`: show the current policy, change it, and list its versions."""

import getpass
import json
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lostpost.accounts.models import PolicyVersion, Seller
from lostpost.accounts.policy import change_policy, current_policy
from lostpost.core.clock import day_begins_at, days_after
from lostpost.core.errors import Rejected
from lostpost.core.readiness import waiting_migrations
from lostpost.core.text import strip_unstorable
from lostpost.eligibility.policy import Policy
from lostpost.eligibility.windows import Window, window_as_json, window_text
from lostpost.insight.policy_try import TRIED_BACK, TRIED_VALUES, try_policy
from lostpost.texts.policy import policy_differences, policy_value_meaning, policy_value_text
from lostpost.texts.policy_try import trial_lines

EXAMPLE = 'lostpost policy set quiet_days=5 time_zone=America/Sao_Paulo --reason "Correios is slow in December"'
_SCOPE = ("carrier", "country", "first_on", "last_on")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


class Command(BaseCommand):
    """Without a subcommand, the current policy is shown."""

    help = f"Show the policy, change it, or tell its history. For example: {EXAMPLE}"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        subcommands = parser.add_subparsers(dest="word", metavar="show | set | unset | history | try")
        subcommands.add_parser("show", help="the values in force")
        change = subcommands.add_parser("set", help="put another version in force at once; what is not named stays")
        change.add_argument("values", nargs="+", metavar="NAME=VALUE")
        unset = subcommands.add_parser("unset", help="take values back that were set for some parcels only")
        unset.add_argument("values", nargs="+", metavar="NAME")
        for each in (change, unset):
            each.add_argument("--carrier", default="", metavar="NAME", help="for parcels of this carrier only")
            each.add_argument("--country", default="", metavar="CODE", help="for parcels to this country only, as DE")
            each.add_argument("--from", dest="first_on", type=_day, metavar="DAY", help="first day of a season")
            each.add_argument("--until", dest="last_on", type=_day, metavar="DAY", help="its last day, in it too")
            each.add_argument("--reason", required=True, help="stands beside the change for whoever asks later")
            each.add_argument("--by", default="", help="who decides; otherwise the name that you are signed in with")
        subcommands.add_parser("history", help="every version, the newest first")
        trial = subcommands.add_parser("try", help="what other values would have changed about past write-offs")
        trial.add_argument("values", nargs="+", metavar="NAME=VALUE", help=", ".join(TRIED_VALUES))
        trial.add_argument("--carrier", default="", metavar="NAME", help="for parcels of this carrier only")
        trial.add_argument("--seller", default="", metavar="CODE", help="write-offs of this shop only")
        trial.add_argument("--since", type=_day, metavar="DAY", help="first day of the write-offs (180 days ago)")
        trial.add_argument("--until", type=_day, metavar="DAY", help="their last day, in it too (today)")
        trial.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *, word: str | None, **options: Any) -> None:
        """Run the subcommand."""
        if unapplied := waiting_migrations():
            raise CommandError(f"{len(unapplied)} migrations are waiting, {unapplied[0]} first. Run: lostpost migrate")
        if word in ("set", "unset"):
            self.change(word, options, reason=options["reason"], by=options["by"] or _signed_in())
        elif word == "history":
            self.history()
        elif word == "try":
            self.try_values(options)
        else:
            self.show(current_policy())

    def change(self, word: str, options: Mapping[str, Any], *, reason: str, by: str) -> None:
        """Put a new version in force."""
        before, scope = current_policy(), {name: options[name] for name in _SCOPE if options[name]}
        try:
            if word == "unset":
                values = windows_without(before.windows, options["values"], scope)
            elif scope:
                values = windows_with(before.windows, read_values(options["values"]), scope)
            else:
                values = read_values(options["values"])
            policy = change_policy(
                values=values,
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
            if name != "windows":
                self.stdout.write(f"  {f'{name}={policy_value_text(value)}':<36} {policy_value_meaning(name)}")
        if policy.windows:
            self.stdout.write("For some parcels only; the narrowest that fits counts, a season by when a clock began:")
        for window in policy.windows:
            self.stdout.write(f"  {window_text(window)}")

    def try_values(self, options: Mapping[str, Any]) -> None:
        """Print what the values would have changed."""
        zone, today = current_policy().zone, timezone.now()
        first_on, last_on = options["since"], options["until"]
        seller = Seller.objects.filter(code=options["seller"]).first()
        if options["seller"] and seller is None:
            raise CommandError(f"There is no seller {options['seller']}.")
        try:
            trial = try_policy(
                values=read_values(options["values"]),
                since=day_begins_at(first_on, zone) if first_on else today - TRIED_BACK,
                until=day_begins_at(days_after(last_on, 1), zone) if last_on else today,
                carrier=options["carrier"],
                seller_id=seller.id if seller else None,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(trial.as_json()))
            return
        for line in trial_lines(trial):
            self.stdout.write(line)

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


def windows_with(
    windows: Sequence[Window], values: Mapping[str, Any], scope: Mapping[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return windows as a value of the policy, with these values for a scope in place of those that it had."""
    new = [Window(name, value, **scope) for name, value in values.items()]
    stay = [each for each in windows if not any(_same(each, other) for other in new)]
    return {"windows": [window_as_json(each) for each in [*stay, *new]]}


def windows_without(
    windows: Sequence[Window], names: Sequence[str], scope: Mapping[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return windows as a value of the policy, without those of these names for a scope. Raises: ValueError."""
    gone = [Window(name, 0, **scope) for name in names]
    for window in gone:
        if not any(_same(each, window) for each in windows):
            raise ValueError(f"{window.name} is not set for these parcels only; lostpost policy shows what is.")
    stay = [each for each in windows if not any(_same(each, window) for window in gone)]
    return {"windows": [window_as_json(each) for each in stay]}


def _same(one: Window, other: Window) -> bool:
    return (one.scope, one.first_on, one.last_on) == (other.scope, other.first_on, other.last_on)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day, such as 2026-11-15") from None


def _read(name: str, text: str) -> Any:
    default = Policy().values().get(name)
    if isinstance(default, bool):
        return _TRUTHS.get(text.lower(), text)
    if isinstance(default, int) and text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    return text


def _when(row: PolicyVersion, policy: Policy) -> str:
    return f"{row.decided_at.astimezone(policy.zone):%Y-%m-%d %H:%M %Z}"


def _rows() -> list[PolicyVersion]:
    return list(PolicyVersion.objects.order_by("-version"))


def _signed_in() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # No such user, as in some containers.
        return "the operator"
