"""The three kinds of refusal. Anything else that goes wrong is a bug."""

from __future__ import annotations

from typing import Any, ClassVar


class Refused(Exception):
    """A request is refused, and nothing of it is stored.

    `code` is stable and kebab-case, for programs; the message is a translated sentence with the reason and a remedy.
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[Any] = ""  # For a refusal with a fixed message.

    def __init__(self, message: Any = "") -> None:
        super().__init__(message)
        self.message = message or self.sentence  # May be lazy, to be shown in the reader's language.

    def __str__(self) -> str:
        return str(self.message) or self.code


class NotFound(Refused):
    """The object does not exist, or is another seller's."""

    code = "not-found"


class Conflict(Refused):
    """It contradicts what is recorded, or something changed in between."""

    code = "conflict"


class Rejected(Refused):
    """The rules forbid it, or a value is wrong."""

    code = "rejected"
