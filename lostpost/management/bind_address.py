"""The address that the web server listens on."""

import socket
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

HOST, PORT = "127.0.0.1", 8000


def add_address(parser: CommandParser) -> None:
    """Add --host and --port."""
    parser.add_argument("--host", default=HOST, help="address to listen on; 0.0.0.0 for all (%(default)s)")
    parser.add_argument("--port", default=PORT, type=int, help="port to listen on (%(default)s)")


def add_open_to_network(parser: CommandParser) -> None:
    """Add --open-to-network."""
    parser.add_argument(
        "--open-to-network",
        action="store_true",
        help="while trying out: let other machines in, who may read whatever the logins here may read",
    )


def require_loopback_or_production(host: str, *, open_to_network: bool) -> None:
    """Refuse to let other machines in while trying out: passwords would travel in the open, and nothing is hardened.

    Raises: CommandError.
    """
    if settings.PRODUCTION or open_to_network or is_loopback(host):
        return
    raise CommandError(
        f"{host} can be reached from other machines, and this is a development set-up: passwords would travel in the "
        "open, and e-mail can be read on a page. Set LOSTPOST_MODE=production, or give --open-to-network."
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host; for a name, all its addresses count."""
    try:
        addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False  # `require_free` reports what is wrong with it.
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_rest, address in addresses)


def require_free(host: str, port: int) -> None:
    """Refuse, in a sentence, an address that cannot be listened on.

    Raises: CommandError.
    """
    listen(host, port).close()


def listen(host: str, port: int) -> socket.socket:
    """Bind the address; connections queue there as soon as a process listens.

    Raises: CommandError.
    """
    if not 1 <= port <= 65535:
        raise CommandError(f"There is no port {port}. Choose one from 1 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
        return listener
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CommandError(
            f"Cannot listen on {host}, port {port}: {why}. "
            f"Stop what uses it, or choose another, such as --port {port + 1 if port < 65535 else 8080}."
        ) from None


def server_url(host: str, port: int) -> str:
    """Return the URL for a browser on this machine."""
    local = {"0.0.0.0": "localhost", "127.0.0.1": "localhost", "::": "localhost", "::1": "localhost"}  # noqa: S104
    name = local.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def server_answers(host: str, port: int) -> bool:
    """Whether a web server answers there, with any status."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = HTTPConnection(reached, port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(settings.LOSTPOST_URL).netloc})
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
