"""How long a test waits for what it expects: only what hangs takes as long, however slow or busy the machine is."""

WAIT_SECONDS = 300
