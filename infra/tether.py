"""Starts a command that dies with its parent, even when the parent is killed with -9.

Run as ``python -I -S infra/tether.py PARENT_PID COMMAND...``. It asks Linux to send SIGKILL when
the parent ends, and then becomes the command. Elsewhere it only becomes the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)  # the parent died before Linux heard the wish
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command, no shell wanted


if __name__ == "__main__":
    main()
