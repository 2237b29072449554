"""The three kinds of refusal. Anything else that goes wrong is a bug."""

from __future__ import annotations

from typing import Any, ClassVar


class Refused(Exception):
    """Something asked for is not done, and nothing of it is left behind.

    `code` is stable and kebab-case, for programs; the message is a translated sentence that says what and what to do.
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[Any] = ""  # Of a refusal that always says the same.

    def __init__(self, message: Any = "") -> None:
        super().__init__(message)
        self.message = message or self.sentence  # May be lazy, so that it is said in the language of whoever reads it.

    def __str__(self) -> str:
        return str(self.message) or self.code


class NotFound(Refused):
    """There is no such thing, or it is another seller's."""

    code = "not-found"


class Conflict(Refused):
    """It contradicts what is recorded, or something changed in between."""

    code = "conflict"


class Rejected(Refused):
    """The rules forbid it, or a value is wrong."""

    code = "rejected"
