"""Read an e-mail in a process of its own, so that one built to do harm harms nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lostpost.relay.parsing.limits import MailUnreadable
from lostpost.relay.parsing.parse import ParsedMail

SECONDS = 30.0  # Of any clock; the process itself has fewer of the processor's.
_ROOT = Path(__file__).resolve().parents[2]


def parse_apart(raw: bytes, *, null_sender: bool) -> ParsedMail:
    """Read an e-mail in another process, with limits of time and memory.

    Args: `null_sender`: its envelope names no sender. Raises: MailUnreadable, with a code.
    """
    command = [sys.executable, "-P", "-m", "lostpost.relay.parsing", *(["--null-sender"] if null_sender else [])]
    environment = {"PYTHONPATH": str(_ROOT), "PATH": "", "LANG": "C.UTF-8"}  # And none of our secrets.
    try:
        done = subprocess.run(
            command, input=raw, capture_output=True, timeout=SECONDS, env=environment, check=False, cwd="/"
        )
    except subprocess.TimeoutExpired:
        raise MailUnreadable("too-slow") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace")[-40:]
        raise MailUnreadable(said if done.returncode == 65 else "reader-ended")
    try:
        return ParsedMail.from_json(json.loads(done.stdout))
    except (ValueError, TypeError, KeyError):
        raise MailUnreadable("reader-ended") from None
