"""The program `serinus`: its commands, and how every one of them ends.

Rules:
- Exit status: 0 done, 1 it failed, 2 it was typed wrongly, 130 stopped by Ctrl-C.
- A failure is one sentence on standard error; with `--json` it is one line of JSON there,
  `{"error": SENTENCE, "field": NAME OR null}`, and nothing stands on standard output.
- Neither Django nor the Console is imported: a command starts in a fraction of a second.
"""

import json
import os
import sys
from collections.abc import Sequence

import typer

from serinus.base.errors import OperatorError
from serinus.cli.backup import backup, restore
from serinus.cli.destinations import DESTINATION
from serinus.cli.doctor import doctor
from serinus.cli.incidents import INCIDENT
from serinus.cli.people import KEY, invite
from serinus.cli.tokens import TOKEN
from serinus.cli.up import SETTINGS_COMMAND, UP_COMMAND

STATUS_FAILED = 1
STATUS_USAGE = 2
STATUS_INTERRUPTED = 130
"""128 and SIGINT, as shells count."""

APP = typer.Typer(
    name="serinus",
    help="Plant tokens, and get one clear alert when somebody touches one.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
APP.command("up")(UP_COMMAND)
APP.command("settings")(SETTINGS_COMMAND)
APP.add_typer(TOKEN)
APP.add_typer(INCIDENT)
APP.add_typer(DESTINATION)
APP.add_typer(KEY)
APP.command("invite")(invite)
APP.command("doctor")(doctor)
APP.command("backup")(backup)
APP.command("restore")(restore)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    Args:
        arguments: What was typed after `serinus`; by default the process's own arguments.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = APP(words or ["--help"], prog_name="serinus", standalone_mode=False)
        sys.stdout.flush()
    except OperatorError as error:
        return _fail(words, error.sentence, error.field, STATUS_FAILED)
    except typer.TyperException as error:
        return _fail(words, _usage_sentence(error), None, error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return STATUS_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough, as `head` does; the interpreter's last flush
        # would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STATUS_FAILED
    except OSError as error:
        return _fail(words, _disk_sentence(error), None, STATUS_FAILED)
    return status if isinstance(status, int) else 0


def _fail(words: Sequence[str], sentence: str, field: str | None, status: int) -> int:
    as_json = "--json" in words
    text = json.dumps({"error": sentence, "field": field}) if as_json else sentence
    sys.stderr.write(text + "\n")
    return status


def _usage_sentence(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "serinus"
    sentence = " ".join(error.format_message().split()).rstrip(".")
    return f"{sentence}: see `{command} --help`."


def _disk_sentence(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


if __name__ == "__main__":
    sys.exit(main())
