"""Ask the bol Retailer API: a token that is used as long as it lasts, one question at a time."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from lostpost.connectors.remote_apis.problems import (
    AnswerUnusable,
    CredentialsRefused,
    RemoteProblem,
    RemoteUnreachable,
)
from lostpost.connectors.sales_channels.platform import ChannelRun
from lostpost.connectors.sales_channels.request import PlatformAnswer, send_request
from lostpost.sales_channels.runs import keep_token, live_token

MEDIA_TYPE = "application/vnd.retailer.v10+json"
SHORTEST_LIFE = timedelta(seconds=20)  # A token that ends sooner is not used for another question.
LIFE_WITHOUT_WORD_SECONDS, LONGEST_LIFE_SECONDS = 240, 3600
_TOKEN, _PROBLEM = ("access_token", "expires_in"), ("title", "detail", "error", "error_description")
PAGES_MAX = 20_000  # A million records: a list that never ends is none.


class BolApi:
    """Questions of one run."""

    def __init__(self, run: ChannelRun) -> None:
        self.run = run
        self._token = live_token(run.channel, run.now + SHORTEST_LIFE)
        self._until = None if self._token == "" else run.now + SHORTEST_LIFE
        self._renewed = False

    def orders(self, page: int, **filters: str) -> list[Mapping[str, Any]]:
        """Return a page of orders, 50 at most; none after the last."""
        return _listed(self._get("orders", "/retailer/orders", page=str(page), **filters), "orders")

    def order(self, reference: str) -> Mapping[str, Any] | None:
        """Return an order; None if bol does not know it any more."""
        return self._get("order", f"/retailer/orders/{quote(reference, safe='')}")

    def shipments(self, page: int, **filters: str) -> list[Mapping[str, Any]]:
        """Return a page of shipments, newest first."""
        return _listed(self._get("shipments", "/retailer/shipments", page=str(page), **filters), "shipments")

    def shipment(self, reference: str) -> Mapping[str, Any] | None:
        """Return a shipment with its transport; None if bol does not know it any more."""
        return self._get("shipment", f"/retailer/shipments/{quote(reference, safe='')}")

    def shipments_of(self, order: str) -> Iterator[Mapping[str, Any]]:
        """Go through the shipments of an order."""
        for page in range(1, PAGES_MAX):
            listed = self.shipments(page, **{"order-id": order})
            yield from listed
            if not listed:
                return

    def returns(self, page: int, *, handled: bool) -> list[Mapping[str, Any]]:
        """Return a page of returns: handled ones newest first, the others oldest first."""
        filters = {"page": str(page), "handled": "true" if handled else "false"}
        return _listed(self._get("returns", "/retailer/returns", **filters), "returns")

    def one_return(self, reference: str) -> Mapping[str, Any] | None:
        """Return a return; None if bol does not know it any more."""
        return self._get("return", f"/retailer/returns/{quote(reference, safe='')}")

    def _get(self, question: str, path: str, **query: str) -> Mapping[str, Any] | None:
        self.run.require_free(question)
        url = f"{settings.LOSTPOST_BOL_URL}{path}" + (f"?{urlencode(query)}" if query else "")
        answer = self._ask(url)
        if answer.status == 401:  # It ended on the way, whatever bol said how long it lasts: one more, and no third.
            self._token = ""
            answer = self._ask(url)
        self.run.obey(question, answer)
        if answer.status == 404:
            return None
        if answer.status in (401, 403):
            raise CredentialsRefused(_problem_in(answer))
        content = answer.content() if answer.status == 200 else None
        if not isinstance(content, dict):
            raise _unusable(answer)
        return content

    def _ask(self, url: str) -> PlatformAnswer:
        headers = {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {self._live_token()}"}
        return send_request("GET", url, headers=headers, seconds=self.run.seconds, anywhere=True)

    def _live_token(self) -> str:
        if self._token and self._until and self._until > self.run.now:
            return self._token
        self.run.require_free("token")
        known = self.run.credentials
        basic = b64encode(f"{known['client_id']}:{known['client_secret']}".encode()).decode()
        answer = send_request(
            "POST",
            f"{settings.LOSTPOST_BOL_LOGIN_URL}?grant_type=client_credentials",
            headers={"Accept": "application/json", "Authorization": f"Basic {basic}"},
            seconds=self.run.seconds,
            anywhere=True,
        )
        self.run.obey("token", answer)
        if answer.status in (400, 401, 403):
            raise CredentialsRefused(_problem_in(answer))
        content = answer.content() if answer.status == 200 else None
        token, seconds = (content.get(name) if isinstance(content, dict) else None for name in _TOKEN)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise _unusable(answer)
        life = seconds if isinstance(seconds, int) and seconds > 0 else LIFE_WITHOUT_WORD_SECONDS
        self._token = token
        self._until = self.run.now + timedelta(seconds=min(life, LONGEST_LIFE_SECONDS)) - SHORTEST_LIFE
        keep_token(channel=self.run.channel, token=token, until=self._until)
        return token


def _listed(content: Mapping[str, Any] | None, name: str) -> list[Mapping[str, Any]]:
    """Return the records of a page; an empty object ends a list."""
    records = (content or {}).get(name)
    return [each for each in records if isinstance(each, dict)] if isinstance(records, list) else []


def _unusable(answer: PlatformAnswer) -> RemoteProblem:
    kind = RemoteUnreachable if answer.status >= 500 else AnswerUnusable
    return kind(_problem_in(answer))


def _problem_in(answer: PlatformAnswer) -> str:
    """Return bol's own words for what went wrong."""
    try:
        content = answer.content()
    except AnswerUnusable:
        content = None
    words = [content.get(name) for name in _PROBLEM] if isinstance(content, dict) else []
    return ": ".join([f"HTTP {answer.status}", *(word for word in words if isinstance(word, str) and word)])[:300]
