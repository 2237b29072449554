"""What machines that collect logs read: one object per record, with the same fields always."""

import json
import logging
import sys

from lostpost.config.logs import JsonFormatter


def written(record: logging.LogRecord) -> dict[str, object]:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    fields: dict[str, object] = json.loads(line)
    return fields


def test_a_record_has_its_fields_and_those_given_with_it():
    record = logging.LogRecord("lostpost.api", logging.WARNING, __file__, 1, "Not “%s”", ("naïve",), None)
    record.created = 1772631120.5
    vars(record).update(request=object(), status=503, taskName=None)

    assert list(written(record).items()) == [
        ("at", "2026-03-04T13:32:00.500+00:00"),
        ("level", "warning"),
        ("logger", "lostpost.api"),
        ("message", "Not “naïve”"),
        ("request_id", "-"),
        ("status", 503),
    ]


def test_an_error_has_its_traceback():
    try:
        raise ValueError("no such rate")
    except ValueError:
        record = logging.LogRecord("lostpost", logging.ERROR, __file__, 1, "Unexpected", (), sys.exc_info())

    assert str(written(record)["traceback"]).endswith("ValueError: no such rate")
