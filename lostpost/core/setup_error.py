"""What stops an operator: said in sentences, without a traceback."""


class SetupError(Exception):
    """Lostpost cannot run as it is set up here; the text says why and what to do."""
