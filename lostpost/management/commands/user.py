"""Create logins, and set their shops and desks."""

import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.change_member import withdraw_invitations_by
from lostpost.accounts.models import ApiClient, Member, Seller
from lostpost.accounts.put_member import put_member, remove_member
from lostpost.accounts.reads import DESKS
from lostpost.accounts.revoke_client import revoke_client
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Refused
from lostpost.core.mail_address import address_problem, cleaned_address, wire_address
from lostpost.core.ownership import cross_seller
from lostpost.events.models import Webhook


class Command(BaseCommand):
    """`lostpost user put NAME …`, `lostpost user list`, `lostpost user password NAME`, `lostpost user stop NAME`."""

    help = "Make logins, and say which shops and desks they belong to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and with whom."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="put|list|password|stop")
        put = actions.add_parser("put", help="make a login, or change what it may do; prints a new login's password")
        put.add_argument("name", help="the name to sign in with")
        put.add_argument("--full-name", help="as timelines show it")
        put.add_argument("--email")
        put.add_argument(
            "--shop", action="append", default=[], metavar="SELLER:ROLE", help="role owner, agent, viewer or none"
        )
        put.add_argument("--desk", action="append", default=[], choices=[*DESKS, "none"], help="none: of no desk")
        actions.add_parser("list", help="list the logins, their shops and desks")
        actions.add_parser("password", help="give a login a new password").add_argument("name")
        stop = actions.add_parser("stop", help="let a login in no longer, and say which programs it made")
        stop.add_argument("name")
        programs = stop.add_mutually_exclusive_group()
        programs.add_argument("--revoke-clients", action="store_true", help="revoke the API clients that it made")
        programs.add_argument("--keep-clients", action="store_true", help="leave them, and do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command, or report what is wrong and change nothing."""
        if options["action"] == "put":
            self.put(options)
        elif options["action"] == "list":
            self.show()
        else:
            user = self.user(options["name"])
            if options["action"] == "password":
                self.give_password(user)
            else:
                self.stop(user, revoke=options["revoke_clients"], keep_clients=options["keep_clients"])

    def stop(self, user: User, *, revoke: bool, keep_clients: bool) -> None:
        """Deactivate a login and end its invitations; its API clients keep working unless they are revoked too."""
        User.objects.filter(id=user.id).update(is_active=False)
        withdraw_invitations_by(user_id=user.id, now=timezone.now())
        record_security_event("login.stopped", about=f"user {user.id} {user.username}")
        self.stdout.write(f"{user.username} cannot sign in any more; what {user.username} did stays.")
        with cross_seller("which webhooks somebody made who is stopped"):
            for member in Member.objects.filter(user_id=user.id).select_related("seller"):
                self.show_webhooks(member)
        clients = list(ApiClient.objects.filter(made_by_user_id=user.id, revoked_at=None).order_by("made_at"))
        if not clients:
            return
        self.show_clients(user, clients)
        if not revoke and not keep_clients and sys.stdin.isatty():
            revoke = input("Revoke them now? They are refused from that moment. [y/N] ").strip().lower() in ("y", "yes")
        if not revoke:
            self.stdout.write("They were left. `lostpost client --revoke CLIENT_ID` ends one, `--rotate` its secret.")
            return
        for client in clients:
            revoke_client(client_id=client.client_id, now=timezone.now())
            self.stdout.write(f"{client.name} is let in no longer.")

    def show_clients(self, user: User, clients: list[ApiClient]) -> None:
        """Return the API clients that a user created."""
        self.stdout.write(f"{user.username} made these API clients, which can still sign in:")
        for client in clients:
            used = f"used {client.last_used_at:%Y-%m-%d %H:%M} UTC" if client.last_used_at else "never used"
            self.stdout.write(f"  {client.client_id}\t{client.name}\tmade {client.made_at:%Y-%m-%d}, {used}")

    def show_webhooks(self, member: Member) -> None:
        """Return the webhooks that a member created: they keep the creator's name, as timelines do."""
        webhooks = Webhook.objects.filter(seller_id=member.seller_id, made_by=member.name).order_by("name")
        if names := [webhook.name for webhook in webhooks]:
            self.stdout.write(
                f"{member.name} made these webhooks of {member.seller.code}, which are still sent to: "
                f"{', '.join(names)}. An owner removes them on the shop's page of webhooks."
            )

    def say_what_stays(self, user: User, member: Member) -> None:
        """List what a member created in a shop that they no longer look after."""
        clients = ApiClient.objects.filter(made_by_user_id=user.id, shop_id=member.seller_id, revoked_at=None)
        if remaining := list(clients.order_by("made_at")):
            self.show_clients(user, remaining)
            self.stdout.write("`lostpost client --revoke CLIENT_ID` ends one, `--rotate` its secret.")
        self.show_webhooks(member)

    def put(self, options: dict[str, Any]) -> None:
        """Create or change a login; all arguments are checked before anything is written."""
        shops = [self.shop(argument) for argument in options["shop"]]
        try:
            User.username_validator(options["name"])
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        email = self.email(options["email"]) if options["email"] else ""
        user, created = User.objects.get_or_create(username=options["name"])
        if email and email != user.email:
            user.email = email
            record_security_event("address.changed", about=f"user {user.id} {user.username}")
        if options["full_name"]:
            user.first_name = options["full_name"][:150]
        user.is_active = True
        user.save()
        for seller, role in shops:
            former = Member.objects.select_related("seller").filter(seller_id=seller.id, user_id=user.id).first()
            self.put_role(user, seller, role)
            if former and former.role == Member.Role.OWNER and role != Member.Role.OWNER:
                self.say_what_stays(user, former)
        if options["desk"]:
            desks = [Group.objects.get_or_create(name=desk)[0] for desk in options["desk"] if desk != "none"]
            user.groups.set(desks)
            names = ", ".join(sorted(group.name for group in desks)) or "none"
            record_security_event("role.changed", about=f"user {user.id} at desks: {names}")
        if created:
            self.give_password(user)
        else:
            self.stdout.write(f"{user.username} was changed.")

    def put_role(self, user: User, seller: Seller, role: str) -> None:
        """Give a user a role in a shop, or take it away."""
        if role == "none":
            remove_member(seller=seller, user_id=user.id, now=timezone.now())
            return
        try:
            name = user.get_full_name() or user.username
            put_member(seller=seller, user_id=user.id, name=name, role=role, now=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def email(self, text: str) -> str:
        """Return an address in the form of mail servers, so that e-mails to logins go to no other."""
        cleaned = cleaned_address(text)
        if problem := address_problem(cleaned):
            raise CommandError(f"--email: {problem}.")
        address = wire_address(cleaned)
        if not address.isascii():
            raise CommandError(f"--email {cleaned}: before the @ may stand letters without accents, digits and signs.")
        return address

    def shop(self, argument: str) -> tuple[Seller, str]:
        """Read SELLER:ROLE."""
        code, _colon, role = argument.partition(":")
        if role not in {*Member.Role.values, "none"}:
            raise CommandError(f"--shop {argument}: write SELLER:ROLE with a role of owner, agent, viewer or none.")
        seller = Seller.objects.filter(code=code).first()
        if seller is None:
            shop_codes = ", ".join(Seller.objects.order_by("code").values_list("code", flat=True)[:20]) or "none yet"
            raise CommandError(f"--shop {argument}: there is no shop {code}. Shops: {shop_codes}.")
        return seller, role

    def user(self, name: str) -> User:
        """Find a login."""
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no login {name}; `lostpost user list` shows them.")
        return user

    def give_password(self, user: User) -> None:
        """Make a password, show it once."""
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save(update_fields=["password"])
        record_security_event("password.changed", about=f"user {user.id} {user.username}")
        self.stdout.write(f"{user.username}: sign in with {password} (shown once; change it after signing in).")

    def show(self) -> None:
        """Show every login."""
        with cross_seller("the operator's list of logins"):
            members = Member.objects.select_related("seller").order_by("seller__code")
            shops: dict[int, list[str]] = {}
            for member in members:
                shops.setdefault(member.user_id, []).append(f"{member.seller.code}:{member.role}")
        for user in User.objects.prefetch_related("groups").order_by("username"):
            desks = [group.name for group in user.groups.all()]
            parts = [*shops.get(user.id, []), *desks] or ["no shop, no desk"]
            self.stdout.write(f"{user.username}\t{', '.join(parts)}{'' if user.is_active else ' (stopped)'}")
