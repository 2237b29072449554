"""A real worker, as the tests of what connects to the outside have it."""

from tests.connectors.conftest import no_jobs, work

__all__ = ["no_jobs", "work"]
