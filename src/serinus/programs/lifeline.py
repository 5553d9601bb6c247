"""The lifeline: a pipe by which a process learns that its supervisor is gone, however it went.

The supervisor holds the writing end and never writes; the kernel closes it when the supervisor
ends, also by SIGKILL. `SERINUS_LIFELINE_FD` names the reading end; without it there is no
supervisor, and nothing to do.
"""

import os
import signal
import threading
import time

VARIABLE = "SERINUS_LIFELINE_FD"
GRACE_S = 30.0
"""A process that has not ended this long after losing its supervisor is ended without asking."""


def hold_lifeline() -> None:
    """End this process by SIGTERM, as the supervisor would, once the supervisor is gone.

    Raises:
        ValueError: The variable is set and is no number.
    """
    text = os.environ.get(VARIABLE)
    if text is None:
        return
    descriptor = int(text)
    os.set_inheritable(descriptor, False)
    threading.Thread(target=_watch, args=(descriptor,), name="lifeline", daemon=True).start()


def _watch(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    except OSError:
        return  # No lifeline was handed down after all: run as if there were no supervisor.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
