"""How a process that used Temporal's SDK leaves."""

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process at once with ``code``, after flushing what it said.

    Call it when everything is closed. An ordinary exit can abort while the interpreter tears down
    beneath the SDK's own threads (sdk-python issue 300), and would then report the wrong code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
