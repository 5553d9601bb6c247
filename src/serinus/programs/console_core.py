"""What the Console's process runs once Django is set up: its server, and its first link."""

import asyncio
import logging
import signal
import sys
import threading

from django.db import DatabaseError, connection
from django.utils import timezone
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from serinus.base.errors import OperatorError, SerinusError
from serinus.base.settings import Settings, read_listen
from serinus.console.actions.minting import republish_answers
from serinus.console.actions.people import has_owner, make_setup_link
from serinus.console.deployment import load_deployment
from serinus.console.pages.live import Changes
from serinus.console.project.asgi import make_application

STOP_S = 4.0
"""Requests under way have this long to end; the supervisor waits longer."""
HEADER_TIMEOUT_MS = 10_000
"""For a request's head: a client that sends slower holds a connection for nothing."""
BACKLOG = 256
BACKPRESSURE = 512
"""Connections served at once; with all streams taken there is room for twice as many requests."""
REPUBLISH_SHARE = 0.2
"""Of a core, for republishing answers; where there is no snapshot at all it takes what it gets."""

_log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    _print_setup_link(settings)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    changes = Changes()
    listen = read_listen(settings.console, "console")
    server = Server(
        make_application(changes),
        address=listen.address,
        port=listen.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        websockets=False,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        log_enabled=False,
    )
    running = asyncio.create_task(server.serve())
    watch = asyncio.create_task(changes.watch())
    # A daemon: with millions of tokens it takes minutes, and stopping does not wait for it.
    share = REPUBLISH_SHARE if load_deployment().folder.answers.exists() else 1.0
    threading.Thread(target=_republish, args=(share,), name="republish", daemon=True).start()
    _log.info("The Console serves %s.", settings.console_base)
    await asyncio.wait(
        (running, asyncio.create_task(stop.wait())), return_when=asyncio.FIRST_COMPLETED
    )
    changes.stop()
    await asyncio.wait((watch,), timeout=STOP_S)
    if not running.done():
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait((running,), timeout=STOP_S)
    if running.done():
        _check_end(running.exception(), settings)


def _check_end(fault: BaseException | None, settings: Settings) -> None:
    """Raise what the server ended with; a RuntimeError is how it says that it cannot listen."""
    if isinstance(fault, RuntimeError):
        reason = str(fault).partition("\n")[0]
        raise OperatorError(
            f"The Console cannot listen on {settings.console} ({reason}): stop what listens there, "
            "or give --console another address.",
            "console",
        )
    if fault is not None:
        raise fault


def _republish(share: float) -> None:
    """Write every token's answer again, in case the snapshot was lost or restored from old."""
    try:
        _log.info("%d answers are published.", republish_answers(share))
    except (DatabaseError, SerinusError) as error:
        _log.error("Answers cannot be published: %s", error)
    finally:
        connection.close()


def _print_setup_link(settings: Settings) -> None:
    if has_owner():
        return
    secret = make_setup_link(timezone.now())
    sys.stdout.write(f"Set up   {settings.console_base}/setup/{secret}\n")
    sys.stdout.flush()
