"""What every connector to a remote interface says of itself, so that one command and one page serve them all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from lostpost.connectors.remote_apis.session import RemoteSession


class RemoteConnector(ABC):
    """A remote interface that accounts open. One without state, for all accounts."""

    name: ClassVar[str]  # In rows and commands, for ever.
    title: ClassVar[str]
    url: ClassVar[str]  # With no slash at its end.
    credentials: ClassVar[Sequence[str]]  # What opens an account.
    options: ClassVar[Mapping[str, str]] = {}  # Further settings of an account, each with what it is.
    calls_a_day: ClassVar[int]  # Unless the operator agreed on more.
    seconds_between_calls: ClassVar[float]
    for_all_shops: ClassVar[bool] = True  # An account of the marketplace's own can speak for every shop.

    @abstractmethod
    def check(self, session: RemoteSession) -> None:
        """Ask something harmless that needs the credentials. Raises: RemoteProblem."""
