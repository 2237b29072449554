"""The `lostpost` command: choose the data folder, bring up the embedded database where needed, run the command."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError

from lostpost.config.database import url_parts
from lostpost.config.environment import read_environment
from lostpost.core.setup_error import SetupError
from lostpost.embedded import server as embedded

COMMANDS = {
    "serve": "run web and worker together; --demo fills in a made-up marketplace, --host and --port say where",
    "web": "serve the pages only",
    "worker": "do the jobs only",
    "mail-server": "take e-mail for relay addresses by SMTP or LMTP",
    "mail-in": "take one e-mail from standard input, as a mail server's pipe brings it",
    "demo": "fill in the demo marketplace",
    "import": "put in orders, parcels, returns and scans from CSV files",
    "connect": "connect a shop to a source of Track & Trace, --check how it fares, or --remove it",
    "radar": "show every silent parcel, of now or --as-of an earlier instant",
    "odds": "show how many silent parcels still come, by carrier, and how many came after a write-off",
    "invoice": "issue the sales invoices of a period: --period 2026-10, or 2026-10-1 for a half of a month",
    "policy": "show or change the values of the policy",
    "client": "make, list, rotate and revoke the machines that may use the API",
    "exchange-rates": "import the exchange rates by which invoices state their VAT, or show them",
    "holidays": "show or change the public holidays of a country, on which no clock runs",
    "vat-numbers": "show how VAT is charged to shops, and ask VIES about their numbers",
    "security-log": "show who did what from where, and with what outcome",
    "user": "make logins, and say which shops and desks they belong to",
    "reseal": "seal what is kept secret again, so that a former secret key can go",
    "verify": "recompute everything from its lines and report differences",
    "validate-ubl": "hold UBL invoices against the official rules: FILE, --rules FOLDER for others than EN 16931",
    "migrate": "bring the database up to this version",
    "distribute": "spread the tables over the machines of a Citus cluster, or --check whether they are",
    "check": "look at the settings, the data folder, the database and the jobs",
}
FILES = {
    "import": "import_files",
    "mail-in": "mail_in",
    "mail-server": "mail_server",
    "security-log": "security_log",
    "vat-numbers": "vat_numbers",
    "exchange-rates": "exchange_rates",
    "validate-ubl": "validate_ubl",
}  # What no module can be called.
DATABASE_USES = {"web": "web", "worker": "worker", "mail-server": "worker"}
AS_OWNER = ("migrate", "distribute")  # What changes tables.
TRY_AGAIN = 75  # What a mail server's pipe needs where it would otherwise send the e-mail back.
WITHOUT_DATABASE = {"help", "version", "makemessages", "compilemessages", "collectstatic", "diffsettings"} | {
    "validate-ubl"
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; what stops an operator is said in a sentence, without a traceback, and exits with 2."""
    signal.signal(signal.SIGTERM, leave)
    os.umask(0o077)  # E-mail, exports and keys in the data folder are nobody else's to read.
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        run(words)
    except (SetupError, ImproperlyConfigured) as error:
        sys.exit(refuse(str(error), words))
    except OperationalError as error:
        if os.environ.get("LOSTPOST_DEBUG"):
            raise
        sys.exit(refuse(f"The database does not answer: {str(error).strip()}", words))
    except KeyboardInterrupt:
        sys.exit(130)


def run(arguments: list[str]) -> None:
    """Choose the folder, bring up the database, hand over to Django."""
    data, arguments = take_data(arguments)
    if data:
        os.environ["LOSTPOST_DATA"] = data
    if not arguments or (arguments[0] in {"-h", "--help", "help"} and len(arguments) == 1):
        print(usage())
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lostpost.config.settings")
    command, rest = arguments[0], arguments[1:]
    if command in AS_OWNER:
        migrate_as_owner()
    os.environ["LOSTPOST_DATABASE_USE"] = DATABASE_USES.get(command, "command")  # How long it waits.
    if command in WITHOUT_DATABASE or command.startswith("-") or {"-h", "--help"} & set(rest) or given_server():
        run_django_command(command, rest)
        return
    with embedded.running(read_environment().LOSTPOST_DATA.expanduser()) as url:
        os.environ["DATABASE_URL"] = url  # For this process and its children: they use it, and need not keep it up.
        os.environ["LOSTPOST_EMBEDDED"] = "yes"
        run_django_command(command, rest)


def migrate_as_owner() -> None:
    """Use the database's role for migrations, where there is one, and remember which role the application has."""
    environment = read_environment()
    if not environment.LOSTPOST_MIGRATION_DATABASE_URL:
        return
    if not environment.DATABASE_URL:
        raise SetupError("LOSTPOST_MIGRATION_DATABASE_URL needs DATABASE_URL, with the role of the application.")
    role = url_parts(environment.DATABASE_URL).get("user", "")
    if not role:
        raise SetupError(
            "DATABASE_URL names no role; write it before the host: postgresql://lostpost_app@db.internal/shop."
        )
    os.environ["LOSTPOST_APPLICATION_ROLE"] = role
    os.environ.pop("DATABASE_URL_FILE", None)
    os.environ["DATABASE_URL"] = environment.LOSTPOST_MIGRATION_DATABASE_URL


def run_django_command(command: str, arguments: list[str]) -> None:
    """Run a command of ours or of Django's."""
    from django.core.management import ManagementUtility

    ManagementUtility(["lostpost", FILES.get(command, command), *arguments]).execute()


def take_data(arguments: list[str]) -> tuple[str, list[str]]:
    """Take `--data DIR` from the arguments, wherever it is; the last one counts.

    Raises: SetupError if nothing follows it.
    """
    data, kept, rest = "", [], iter(arguments)
    for word in rest:
        name, is_given, value = word.partition("=")
        if name != "--data":
            kept.append(word)
            continue
        data = value if is_given else next(rest, "")
        if not data:
            raise SetupError("--data needs a folder, such as --data /srv/lostpost.")
    return data, kept


def given_server() -> bool:
    """Tell whether the operator gave a PostgreSQL server of their own."""
    return bool(read_environment().DATABASE_URL)


def leave(number: int, frame: FrameType | None) -> None:
    """End at SIGTERM as by sys.exit, so that the embedded database is given back; commands may have their own way."""
    sys.exit(128 + number)


def refuse(sentence: str, words: Sequence[str]) -> int:
    """Write the sentence; give the exit code for the command."""
    print(f"lostpost: {sentence}", file=sys.stderr)
    return TRY_AGAIN if "mail-in" in words else 2


def usage() -> str:
    """Tell what there is."""
    lines = [f"  {name:<12} {what}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: lostpost COMMAND [--data DIR] [options]",
            "",
            *lines,
            "",
            "Every command takes --data DIR, the folder of the embedded database, e-mail and keys (or LOSTPOST_DATA).",
            "With DATABASE_URL, that PostgreSQL server is used instead of the embedded one.",
            "`lostpost COMMAND --help` tells more. Django's own commands, such as `lostpost shell`, work as well.",
        ]
    )


if __name__ == "__main__":
    main()
