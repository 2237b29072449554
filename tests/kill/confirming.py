"""A process that writes off, in as many threads as it has, and prints each answer once it is committed."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from typing import Any


def main() -> None:
    """Read requests, one JSON object a line, and write answers the same way."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "lostpost.config.settings"
    import django

    django.setup()
    from django.conf import settings

    from lostpost.embedded import server as embedded

    own = not os.environ.get("DATABASE_URL")
    with embedded.running(settings.LOSTPOST_DATA) if own else nullcontext(), ThreadPoolExecutor(4) as threads:
        wishes = [json.loads(line) for line in sys.stdin]
        for _done in threads.map(confirm, wishes):
            pass


def confirm(wish: dict[str, Any]) -> None:
    """Write off, and only then answer."""
    from lostpost.accounts.actor import Actor
    from lostpost.accounts.models import Member
    from lostpost.writeoffs.selection import SelectedUnits
    from lostpost.writeoffs.write_off import write_off

    member = Actor.of_member(Member.objects.get(seller_id=wish["seller"], user_id=wish["user"]))
    recorded = write_off(
        query=wish["query"],
        selection=[SelectedUnits(*units) for units in wish["selection"]],
        by=member,
        key=wish["key"],
        now=datetime.fromisoformat(wish["now"]),
    )
    answer({"query": wish["query"], "number": recorded.number, "refund_minor": recorded.refund_minor})


def answer(words: dict[str, Any]) -> None:
    """Print it in one write, so that lines of two threads do not mix."""
    os.write(1, f"{json.dumps(words)}\n".encode())


if __name__ == "__main__":
    from tests.kill import confirming  # By its name, under which a test may have replaced `answer`.

    confirming.main()
