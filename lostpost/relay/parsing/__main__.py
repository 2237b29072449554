"""Read one e-mail from standard input and write what it says as JSON: the process in which hostile e-mail is read."""

from __future__ import annotations

import json
import resource
import sys

from lostpost.relay.parsing.limits import LARGEST_MAIL, MailUnreadable
from lostpost.relay.parsing.parse import parse_mail

MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 10
UNREADABLE = 65  # As sysexits.h has it: EX_DATAERR.


def read_standard_input() -> int:
    """Read within limits of time and memory; no file can be written and no process started."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
    try:
        mail = parse_mail(raw, null_sender="--null-sender" in sys.argv[1:])
    except MailUnreadable as problem:
        sys.stderr.write(str(problem))
        return UNREADABLE
    sys.stdout.write(json.dumps(mail.as_json()))
    return 0


if __name__ == "__main__":
    sys.exit(read_standard_input())
