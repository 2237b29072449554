"""Let a child process end with the one that started it, however that one ends."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "LOSTPOST_PARENT"  # The process id of `lostpost serve`, in its children's environment.


def end_with_parent() -> None:
    """End this process with `serve`, if that started it: nothing else would stop it."""
    if parent := os.environ.pop(PARENT, ""):
        end_with(int(parent))


def end_with(parent: int) -> None:
    """Request SIGTERM from the system when the parent dies, even by kill -9. Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # It died before the request.
        os.kill(os.getpid(), signal.SIGTERM)
