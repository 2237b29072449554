"""Let a child process end with the one that started it, however that one ends."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "LOSTPOST_PARENT"  # The process id of `lostpost serve`, in its children's environment.


def end_with_parent() -> None:
    """End when `serve` does, if that started this process: nobody would be left to stop it."""
    if parent := os.environ.pop(PARENT, ""):
        end_with(int(parent))


def end_with(parent: int) -> None:
    """Ask the system for SIGTERM when the parent dies, even of kill -9. Linux alone can promise it."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # It died before we asked.
        os.kill(os.getpid(), signal.SIGTERM)
