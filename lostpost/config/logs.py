"""Logs: sentences on a terminal, one JSON object per line elsewhere; each with the id of the request it belongs to."""

import logging
import re
import sys
from typing import Any

from pythonjsonlogger import json
from pythonjsonlogger.core import RESERVED_ATTRS

from lostpost.web.request_id import KEPT_AS, current_request_id

# Not among the fields, as no record of Python's own is: the request itself, as its URL may hold people's names.
OWN_ATTRIBUTES = ["request", "taskName"]


# URLs that contain a token: for a new password, a new e-mail address, an invitation, of customers' links, and what
# stops notices; also where one stands encoded within another, as after `?next=`.
_SLASH = "(?:/|%(?:25)*2f)"
_LINKS = re.compile(
    rf"({_SLASH}accounts{_SLASH}(?:password{_SLASH}reset{_SLASH}key|email{_SLASH}confirm|invitation){_SLASH}"
    rf"|{_SLASH}c{_SLASH}|{_SLASH}notices{_SLASH}stop{_SLASH})(?!done{_SLASH})(?:(?!{_SLASH})[^\s\"'<>?#&\\])+",
    re.IGNORECASE,
)


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


class JsonFormatter(json.JsonFormatter):
    """One JSON object per record: what machines that collect logs read without rules."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            reserved_attrs=[*RESERVED_ATTRS, *OWN_ATTRIBUTES],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            timestamp="at",
            json_default=str,
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Put the fields that every record has first; those that were given in `extra` follow."""
        always = {
            "at": log_data.pop("at").isoformat(timespec="milliseconds"),
            "level": log_data.pop("level").lower(),
            "logger": log_data.pop("logger"),
            "message": log_data.pop("message"),
            "request_id": log_data.pop("request_id", "-"),
        }
        return always | log_data

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        return without_links(super().format(record))


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
