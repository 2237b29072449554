"""Let a child process end with the one that started it, however that one ends."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "LOSTPOST_PARENT"  # The process id of `lostpost serve`, in its children's environment.


def end_with_parent() -> None:
    """Ask the system for SIGTERM when `serve` dies, even of kill -9: nobody would be left to stop this process.

    Linux alone can promise it; elsewhere, or when started by hand, nothing happens.
    """
    parent = os.environ.pop(PARENT, "")
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # It died before we asked.
        os.kill(os.getpid(), signal.SIGTERM)
