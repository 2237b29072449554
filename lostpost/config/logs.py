"""Logs: sentences on a terminal, one JSON object per line elsewhere; each with the id of the request it belongs to."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from lostpost.web.request_id import KEPT_AS, current_request_id

# Not among the fields: attributes of every record, and the request itself, as its URL may hold people's names.
OWN_FIELDS = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName", "request"}


# URLs that contain a token: for a new password or a new e-mail address.
_LINKS = re.compile(r"(/accounts/(?:password/reset/key|email/confirm)/)(?!done/)[^\s\"'<>?#/\\]+")


def without_links(text: str) -> str:
    """Return the text without tokens."""
    return _LINKS.sub(r"\1…", text)


class BadRequestFilter(logging.Filter):
    """Log an error that a bad request can cause in one line: it is no bug."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record; of a bad request without its traceback, and as a warning."""
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class RequestIdFilter(logging.Filter):
    """Put the request's id on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with the id of the request that is being answered, or a dash."""
        answered = getattr(record, "request", None)  # Django logs an error when the request's own context is gone.
        record.request_id = getattr(answered, "META", {}).get(KEPT_AS) or current_request_id.get()
        return True


class TextFormatter(logging.Formatter):
    """Sentences, for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        return without_links(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object per record: what machines that collect logs read without rules."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record with the fields that were given in `extra`."""
        written: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        written |= {name: value for name, value in vars(record).items() if name not in OWN_FIELDS}
        if record.exc_info:
            written["traceback"] = self.formatException(record.exc_info)
        return without_links(json.dumps(written, default=str, ensure_ascii=False))


def configuration(*, level: str) -> dict[str, Any]:
    """Give the configuration for Python's logging."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestIdFilter}, "bad_request": {"()": BadRequestFilter}},
        "formatters": {
            "json": {"()": JsonFormatter},
            "text": {"()": TextFormatter, "format": "%(asctime)s %(levelname)-7s %(request_id)s %(name)s: %(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["request_id", "bad_request"],
                "formatter": "text" if sys.stderr.isatty() else "json",
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "lostpost": {"level": level},
            "waitress": {"level": "WARNING"},  # The site writes a line per request itself.
            "procrastinate": {"level": level if level != "INFO" else "WARNING"},  # At INFO it logs every job twice.
            # Ours logs the same in one line; Django's handlers would repeat it.
            "django": {"handlers": [], "level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
