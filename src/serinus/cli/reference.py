"""The pages that are made from the code: `python -m serinus.cli.reference docs`."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from typer.main import get_command

from serinus.alerts.catalogue import DESTINATIONS
from serinus.base.settings import PREFIX, Settings
from serinus.cli.destinations import setting_flags
from serinus.cli.flags import Flag
from serinus.cli.main import APP
from serinus.cli.tokens import option_flags
from serinus.tokens.catalogue import KINDS
from serinus.tokens.kind import Group, Kind

HEAD = "<!-- Made from the code by `make docs`; do not edit. -->\n"
HELP_WIDTH = 96


def pages() -> Mapping[str, str]:
    """Return the text of every page by its path below `docs`."""
    return {
        "reference/settings.md": _page("Settings", _settings()),
        "reference/destinations.md": _page("Destinations", _destinations()),
        "reference/commands.md": _page("Commands", _commands()),
        "kinds/README.md": _page("Kinds of tokens", _kinds()),
        **{f"kinds/{kind.name}.md": _page(kind.title, _kind(kind)) for kind in KINDS},
    }


def write_pages(folder: Path) -> None:
    """Write every page below a folder, and take away pages of kinds that there are no longer."""
    written = pages()
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in (folder / "kinds").glob("*.md"):
        if f"kinds/{path.name}" not in written:
            path.unlink()


def main(arguments: Sequence[str]) -> int:
    """Write the pages into the folder that is named; returns the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("Name the folder: python -m serinus.cli.reference docs\n")
        return 2
    write_pages(Path(arguments[0]))
    return 0


def _page(title: str, lines: Iterator[str]) -> str:
    return f"{HEAD}\n# {title}\n\n" + "\n".join(lines).rstrip() + "\n"


def _settings() -> Iterator[str]:
    yield (
        "They are fixed while the programs run. A value comes from the first of: the flag, the\n"
        "variable, the file that the variable with `_FILE` at its end names, the settings file\n"
        "(`serinus.toml` in the data folder, or `--config FILE`), the default.\n"
        "`serinus settings` prints them with their sources. Lists are separated by commas.\n"
    )
    yield "| in the file | flag | variable | default | meaning |"
    yield "|---|---|---|---|---|"
    for declared in fields(Settings):
        flag = "--" + declared.name.replace("_", "-")
        names = f"`{declared.name}` | `{flag}` | `{PREFIX}{declared.name.upper()}`"
        default = _code(_text(declared.default))
        yield f"| {names} | {default} | {_cell(declared.metadata['help'])} |"


def _kinds() -> Iterator[str]:
    yield (
        "`serinus token mint KIND --memo TEXT` mints one. A kind is proven when a test has seen\n"
        "it fire with the clients that are named; the others are built by what is known of them,\n"
        "and say so.\n\n"
        "![Some of them in the Console](../images/kinds.png)\n"
    )
    for group in Group:
        kinds = [kind for kind in KINDS if kind.group is group]
        if kinds:
            yield f"## {group.value}\n\n| kind | what it is | proven with |\n|---|---|---|"
            for kind in kinds:
                clients = ", ".join(kind.proof.clients) or "**unverified**"
                yield f"| [{kind.name}]({kind.name}.md) | {_cell(kind.summary)} | {clients} |"
            yield ""


def _kind(kind: Kind) -> Iterator[str]:
    yield f"{kind.summary} {kind.proof.sentence}\n"
    yield f"```sh\nserinus token mint {kind.name} --memo 'What is planted, and where'\n```\n"
    yield "## Planting\n"
    for paragraph in kind.planting:
        yield f"{_prose(paragraph)}\n"
    yield "## Options\n"
    yield from _flags(option_flags(kind), "It has no options.")


def _destinations() -> Iterator[str]:
    yield (
        "`serinus destination add KIND --name NAME` adds one; the flags below are its settings.\n"
        "Of a secret, `--NAME-file` names the file that holds it (`-` for standard input), so\n"
        "that it does not stand in the list of processes.\n"
    )
    for kind in DESTINATIONS.values():
        yield f"## {kind.name}: {kind.title}\n"
        yield from _flags(setting_flags(kind), "It has no settings.")


def _flags(flags: Sequence[Flag], none: str) -> Iterator[str]:
    if not flags:
        yield none + "\n"
        return
    yield "| flag | value | default | meaning |"
    yield "|---|---|---|---|"
    for flag in flags:
        value = " or ".join(map(_code, flag.choices)) or flag.type.replace("_", " or ")
        default = "required" if flag.required else _code(flag.default or "")
        secret = " Secret." if flag.secret else ""
        yield f"| `{flag.flag}` | {value} | {default} | {_cell(flag.help)}{secret} |"
    yield ""


def _commands() -> Iterator[str]:
    yield (
        "Every command but `up` has `--json`: then one JSON document is all that stands on\n"
        "standard output (`incident watch` goes on, with one a line). A failure is one sentence\n"
        "on standard error, with `--json` one line of JSON there:\n"
        '`{"error": SENTENCE, "field": NAME OR null}`. The exit status is 0 when it is done, 1\n'
        "when it failed, 2 when it was typed wrongly. On a terminal, lists are tables; in a pipe\n"
        "each row is one line, its cells separated by tabs, without a heading.\n\n"
        "A command finds its Console by `--data DIR`, else `SERINUS_URL` with `SERINUS_API_KEY`\n"
        "(or `SERINUS_API_KEY_FILE`), else `SERINUS_DATA`, else `./data`. Whoever can read the\n"
        "data folder of an instance is its operator, and needs no account.\n"
    )
    yield from _help(get_command(APP), None, "serinus")


def _help(command: Any, parent: Any, name: str) -> Iterator[str]:
    # `Any`: the classes below Typer are no public names of it.
    words = {"terminal_width": HELP_WIDTH, "max_content_width": HELP_WIDTH}
    context = command.make_context(name, [], parent, resilient_parsing=True, **words)
    yield f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
    for inner, found in getattr(command, "commands", {}).items():
        yield from _help(found, context, inner)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _prose(text: str) -> str:
    """Return a paragraph in which nothing is taken for markup."""
    return re.sub(r"([*_<>`\[\]])", r"\\\1", text)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
