"""How much of an e-mail is read. What goes beyond is said, and never an error that loses the e-mail."""

from __future__ import annotations

LARGEST_MAIL = 10 * 1024 * 1024  # Bytes, as announced by SIZE; larger ones are refused while they are sent.
LARGEST_HEAD = 256 * 1024
RECEIVED_LINES_MAX = 30  # So many servers no e-mail passes: it goes in circles.

HEADER_VALUE_MAX = 4_000
PARAMETERS_MAX = 16_000  # Bytes of what says what a part is: the time that its parameters take grows with the square.
ADDRESSES_MAX = 100
REFERENCES_MAX = 50
PARTS_MAX = 200  # That are listed; what comes after them is not looked at.
BOUNDARY_LINES_MAX = 5_000
DEPTH_MAX = 30
TEXT_MAX = 100_000  # Characters of a body, of each kind.
HTML_MAX = 300_000
HTML_DEPTH_MAX = 200  # The time that cleaning takes grows with the square of it.
NAME_MAX = 120
TNEF_MAX = 5 * 1024 * 1024


class MailUnreadable(Exception):
    """The e-mail cannot be read within the limits; it is kept as it came, for somebody to look at."""
