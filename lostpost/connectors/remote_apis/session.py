"""Requests to one remote interface with the credentials of one account, within one deadline for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import h11
from django.utils import timezone

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connector_accounts.put_connector_account import credentials_of, keep_access_token
from lostpost.connectors.exchange import AnswerTooLong, HttpAnswer, HttpRequest, exchange
from lostpost.connectors.remote_apis.problems import (
    AnswerUnusable,
    CredentialsRefused,
    CredentialsUnreadable,
    RemoteUnreachable,
    TooManyCalls,
    retry_after,
)
from lostpost.core.sealed import KeyMissing, unseal

ANSWER_BYTES_MAX = 4 * 1024 * 1024
RENEWED_BEFORE = timedelta(seconds=60)  # A token is renewed so long before it ends.
TOKEN_SECONDS = 600.0  # Where nobody says how long it counts.
TOKEN_SECONDS_MAX = 7 * 24 * 3600.0

_renewing: dict[UUID, Lock] = {}
_renewing_guard = Lock()


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, and how long it counts from now."""

    token: str
    seconds: float


class RemoteSession:
    """An account at work. No transaction may be open while it sends."""

    def __init__(self, account: ConnectorAccount, *, url: str, seconds: float) -> None:
        """Begin. Args: `url`: of the interface, with no slash at its end. `seconds`: for everything that is sent."""
        self.account = account
        self.url = str(account.options.get("url") or url)
        self.ends_at = monotonic() + seconds
        try:
            self.credentials = credentials_of(account)
        except KeyMissing as missing:
            raise CredentialsUnreadable(str(missing)) from missing

    def send(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        faults: bool = False,
    ) -> HttpAnswer:
        """Send one request; return its answer, of 2xx or 4xx.

        Args: `faults`: the other side answers 500 with a SOAP fault to what is wrong with a request; it is returned.
        Raises: RemoteUnreachable, CredentialsRefused, TooManyCalls, AnswerUnusable.
        """
        parts = urlsplit(self.url + path)
        request = HttpRequest(parts, method, {"User-Agent": "Lostpost", **(headers or {})}, body)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        seconds = max(0.0, self.ends_at - monotonic())
        try:
            answer = exchange(
                request, address=parts.hostname or "", port=port, seconds=seconds, bytes_max=ANSWER_BYTES_MAX
            )
        except AnswerTooLong as error:
            raise AnswerUnusable(f"more than {ANSWER_BYTES_MAX} bytes") from error
        except (h11.RemoteProtocolError, h11.LocalProtocolError) as error:
            raise RemoteUnreachable(f"not HTTP, or broken off: {error}") from error
        except (OSError, ValueError) as error:
            raise RemoteUnreachable(f"{type(error).__name__}: {error}") from error
        if faults and answer.status == 500 and b"Fault" in answer.body:
            return answer
        return _checked(answer, timezone.now(), hidden=tuple(self.credentials.values()))

    def send_with_token(
        self,
        renew: Callable[[RemoteSession], AccessToken],
        path: str,
        *,
        method: str = "GET",
        headers: Callable[[str], Mapping[str, str]],
        body: Callable[[str], bytes] = lambda _token: b"",
        check: Callable[[HttpAnswer], None] | None = None,
    ) -> HttpAnswer:
        """Send a request with the account's access token; one that has ended is renewed once, and it is sent again.

        Args: `renew`: fetches a token. `headers`, `body`: made of the token. `check`: of an answer that may be a SOAP
        fault, raises what it means. Raises: as `send`.
        """

        def sent(token: str) -> HttpAnswer:
            answer = self.send(path, method=method, headers=headers(token), body=body(token), faults=check is not None)
            if check is not None:
                check(answer)
            return answer

        token = self.access_token(renew)
        try:
            return sent(token)
        except CredentialsRefused:
            return sent(self.access_token(renew, ended=token))

    def access_token(self, renew: Callable[[RemoteSession], AccessToken], *, ended: str = "") -> str:
        """Return the account's token; renewed if it ends soon or is the one that has `ended`.

        The threads of a process renew it one after another, and take what the first one got; processes share it.
        """
        with _renewing_lock(self.account.id):
            now = timezone.now()
            kept = ConnectorAccount.objects.filter(id=self.account.id).only("sealed_token", "token_until").first()
            if kept and (token := _live_token(kept, now)) and token != ended:
                return token
            fetched = renew(self)
            seconds = min(max(fetched.seconds, 0.0), TOKEN_SECONDS_MAX)
            keep_access_token(account_id=self.account.id, token=fetched.token, until=now + timedelta(seconds=seconds))
            return fetched.token


def client_credentials_token(session: RemoteSession, path: str, *, headers: Mapping[str, str]) -> AccessToken:
    """Fetch a token with the account's client id and secret (RFC 6749, 4.4). Raises: as `RemoteSession.send`."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers}
    answer = session.send(path, method="POST", headers=form, body=b"grant_type=client_credentials")
    if answer.status == 400:
        raise CredentialsRefused("no token: HTTP 400")
    content = json_answer(answer)
    token = content.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise AnswerUnusable(f"no token: HTTP {answer.status}")
    return AccessToken(token, token_seconds(content.get("expires_in")))


def token_seconds(value: object) -> float:
    """Read how long a token counts: a number, or digits as UPS writes them."""
    try:
        seconds = (
            float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else TOKEN_SECONDS
        )
    except ValueError:
        return TOKEN_SECONDS
    return seconds if 0 <= seconds < TOKEN_SECONDS_MAX else TOKEN_SECONDS


def json_answer(answer: HttpAnswer) -> Mapping[str, Any]:
    """Read the object of an answer. Raises: AnswerUnusable."""
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise AnswerUnusable(f"HTTP {answer.status} without JSON") from error
    if not isinstance(content, dict):
        raise AnswerUnusable(f"HTTP {answer.status} with JSON that is no object")
    return content


def _checked(answer: HttpAnswer, now: datetime, *, hidden: tuple[str, ...]) -> HttpAnswer:
    said = _quoted(answer.body, hidden) if answer.status >= 400 else ""
    if answer.status in (401, 403):
        raise CredentialsRefused(f"HTTP {answer.status} {said}")
    if answer.status == 429:
        raise TooManyCalls(f"HTTP 429 {said}", retry_after(answer.headers.get("retry-after", ""), now))
    if answer.status >= 500 or answer.status == 408:
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        problem = RemoteUnreachable(f"HTTP {answer.status} {said}")
        problem.retry_after = wait
        raise problem
    if not (200 <= answer.status < 300 or 400 <= answer.status < 500):
        raise AnswerUnusable(f"HTTP {answer.status}")
    return answer


def _quoted(body: bytes, hidden: tuple[str, ...]) -> str:
    """Quote the beginning of an answer, for engineers; should it repeat what opens the account, that is left out."""
    said = body[:2000].decode("utf-8", "replace")
    for secret in hidden:
        said = said.replace(secret, "…") if secret else said
    return " ".join(said.split())[:160]


def _live_token(account: ConnectorAccount, now: datetime) -> str:
    if not account.sealed_token or account.token_until is None or account.token_until <= now + RENEWED_BEFORE:
        return ""
    try:
        return unseal(account.sealed_token)
    except KeyMissing:
        return ""


def _renewing_lock(account_id: UUID) -> Lock:
    with _renewing_guard:
        return _renewing.setdefault(account_id, Lock())
