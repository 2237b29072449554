"""What an adapter of a platform does, and what it makes of the platform's answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from lostpost.accounts.models import Seller
from lostpost.connectors.remote_apis.problems import TooManyCalls
from lostpost.connectors.sales_channels.request import REQUEST_SECONDS, PlatformAnswer
from lostpost.core.errors import Rejected
from lostpost.intake.import_orders import OrderImport
from lostpost.sales_channels.carrier_names import CarrierNames
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.runs import RecordRefusal
from lostpost.tracking.scan_codes import UnmappedData

WAIT_WITHOUT_WORD = timedelta(seconds=60)  # After "too many" without saying until when.


class RecordUnreadable(Rejected):
    """A record of the platform lacks something that an order, parcel or return must have."""


class Credential(NamedTuple):
    """What a person copies from the platform."""

    name: str  # In the sealed credentials, the form and the file.
    secret: bool


class ToldOrder(NamedTuple):
    """Which order changed, as a webhook tells, and what tells that from other news of it."""

    reference: str
    key: str


@dataclass(frozen=True, slots=True)
class FetchedOrder:
    """All that was fetched of one order, or a part of it, and what could not be read."""

    reference: str  # The platform's name of it.
    bundle: OrderImport = field(default_factory=OrderImport)
    unreadable: Sequence[RecordRefusal] = ()
    unmapped: Sequence[UnmappedData] = ()  # Scans whose code nobody has mapped yet.
    is_complete: bool = False  # With all its parcels.
    shipments: Sequence[tuple[str, str]] = ()  # To ask about later: (the platform's name, the parcel's code).


@dataclass(slots=True)
class ChannelRun:
    """A run of a channel: what it may use, how far it has come, and how long the platform wants it to wait."""

    channel: SalesChannel
    credentials: Mapping[str, str]
    clock: Callable[[], datetime]
    progress: dict[str, Any]  # JSON; kept after each step.
    carriers: CarrierNames
    seconds: float = REQUEST_SECONDS  # Of one request.
    pauses: list[float] = field(default_factory=list)  # Seconds, of each kind of question that was refused for now.

    @property
    def now(self) -> datetime:
        """The time, which goes on while it runs."""
        return self.clock()

    @property
    def seller(self) -> Seller:
        """The shop."""
        return self.channel.seller

    def stages(self, *stages: Iterator[Sequence[FetchedOrder]]) -> Iterator[Sequence[FetchedOrder]]:
        """Go through stages one after the other; where one is to wait, the others go on."""
        for stage in stages:
            try:
                yield from stage
            except TooManyCalls as limit:
                self.pause(limit)

    def pause(self, limit: TooManyCalls) -> None:
        """Note that the platform wants to be left alone."""
        self.pauses.append((limit.retry_after or WAIT_WITHOUT_WORD).total_seconds())

    def require_free(self, question: str) -> None:
        """Refuse a kind of question that the platform wants no more of for now. Raises: TooManyCalls."""
        until = self.progress.get("limited", {}).get(question)
        if until and (seconds := (datetime.fromisoformat(until) - self.now).total_seconds()) > 0:
            raise TooManyCalls(question, timedelta(seconds=seconds))

    def obey(self, question: str, answer: PlatformAnswer) -> None:
        """Note what an answer says about further questions of its kind. Raises: TooManyCalls if this one was too many.

        bol tells `X-RateLimit-Remaining` and in how many seconds it begins again (`-Reset`), of each kind by itself.
        """
        limited = self.progress.setdefault("limited", {})
        reset = answer.seconds("x-ratelimit-reset")
        if answer.status == 429:
            wait = answer.seconds("retry-after")
            seconds = next((each for each in (wait, reset) if each is not None), WAIT_WITHOUT_WORD.total_seconds())
        elif answer.seconds("x-ratelimit-remaining") == 0 and reset:
            seconds = reset
        else:
            limited.pop(question, None)
            return
        limited[question] = (self.now + timedelta(seconds=max(seconds, 1))).isoformat()
        if answer.status == 429:
            raise TooManyCalls(question, timedelta(seconds=seconds))


class SalesPlatform(ABC):
    """A platform: how to ask it, and what its answers mean. One without state, for all shops."""

    name: ClassVar[str]  # In addresses and rows, for ever.
    title: ClassVar[str]
    credentials: ClassVar[Sequence[Credential]]

    @abstractmethod
    def account(self, credentials: Mapping[str, str]) -> str:
        """Return what the platform calls the account. Raises: Rejected if the credentials cannot be right."""

    @abstractmethod
    def check(self, run: ChannelRun) -> None:
        """Ask something small. Raises: TooManyCalls, CredentialsRefused, RemoteUnreachable, AnswerUnusable."""

    @abstractmethod
    def steps(self, run: ChannelRun) -> Iterator[Sequence[FetchedOrder]]:
        """Fetch what is new, in steps; what a step has brought is stored together with `run.progress`.

        Raises: CredentialsRefused, RemoteUnreachable, AnswerUnusable.
        """

    @abstractmethod
    def orders(self, run: ChannelRun, references: Iterable[str]) -> Iterator[Sequence[FetchedOrder]]:
        """Fetch orders with all that belongs to them, by the platform's names of them.

        Raises: TooManyCalls, CredentialsRefused, RemoteUnreachable, AnswerUnusable.
        """

    # Webhooks, of platforms that have them

    tells: ClassVar[bool] = False

    def is_ping(self, body: bytes) -> bool:
        """Say whether a delivery only looks whether somebody is there."""
        return False

    def is_signed(self, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """Say whether the raw body is signed with the secret."""
        return False

    def changed_order(self, body: bytes) -> ToldOrder | None:
        """Read which order changed; None if the body tells of none."""
        return None
