"""How many examples the tests that search try: with `SEARCH=10 make test` for new examples, ten times as long."""

import os

SEARCHING = "SEARCH" in os.environ


def examples(count: int) -> int:
    """Return how many examples to try where a plain run tries so many."""
    return count * int(os.environ.get("SEARCH", "1"))
