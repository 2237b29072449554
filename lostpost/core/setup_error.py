"""Errors of the set-up, shown to the operator as a sentence without a traceback."""


class SetupError(Exception):
    """Lostpost cannot run as it is set up here; the text says why and what to do."""
