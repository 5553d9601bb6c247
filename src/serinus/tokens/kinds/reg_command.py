"""Registry entries by which Windows tells us when a program has ended."""

import re
from dataclasses import dataclass

from serinus.base.errors import OperatorError
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Artefact, Options, Token, option, options_of
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind, draw_lookup, write_wide

PROGRAM_LENGTH_MAX = 60
"""Characters of a program's file name; those of Windows have at most about 40."""

_PROGRAM = re.compile(r"[A-Za-z0-9_.+-]+\.exe", re.IGNORECASE)
_WINDOWS = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion"


@dataclass(frozen=True, slots=True)
class RegCommandOptions(Options):
    """Which program is watched."""

    program: str = option("Program", "Its file name, such as whoami.exe.", max=PROGRAM_LENGTH_MAX)

    def check(self) -> None:
        """Refuse what is no file name of a program."""
        if not _PROGRAM.fullmatch(self.program):
            raise OperatorError("Give the file name of a program, such as whoami.exe.", "program")


class RegCommandKind(WindowsKind):
    """SilentProcessExit (Microsoft: Monitoring Silent Process Exit), as .reg files."""

    name = "reg_command"
    title = "Watched program"
    summary = "Registry entries that look up a name of ours when a program of Windows ends."
    planting = (
        "Unverified: no test here runs Windows. Import the file as administrator on a computer "
        "where nobody has a reason to run the program: reg import FILE. The other file takes the "
        "entries away.",
        "When the program ends, Windows starts nslookup, which looks up a name with the computer "
        "and the user in it. Names that hold blanks or umlauts may not come through. A window may "
        "flash up.",
        "Everyday programs and scripts of administrators run whoami, net and the like: watch one "
        "for a while before you rely on it. Products that guard computers know these entries as a "
        "way in which attackers stay, and may report or remove them.",
    )
    options = RegCommandOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the entries, what takes them away, and the command that Windows starts."""
        draw = Draw(token, site, "registry")
        program = options_of(token, RegCommandOptions).program
        command = draw_lookup(draw, site.hostname(token.id))
        watched = rf"{_WINDOWS}\Image File Execution Options\{program}"
        reported = rf"{_WINDOWS}\SilentProcessExit\{program}"
        values = ('"ReportingMode"=dword:00000001', f'"MonitorProcess"="{command}"')
        sections = (
            f'[{watched}]\n"GlobalFlag"=dword:00000200\n',
            "\n".join((f"[{reported}]", *draw.shuffled(values), "")),
        )
        entries = _write_registry(draw.shuffled(sections))
        removal = _write_registry([f'[{watched}]\n"GlobalFlag"=-\n', f"[-{reported}]\n"])
        stem, media_type = program.rpartition(".")[0], "text/x-ms-regedit"
        return [
            Artefact("entries", "Entries", lambda: entries, media_type, f"{stem}.reg"),
            Artefact("remove", "Removal", lambda: removal, media_type, f"{stem}-remove.reg"),
            Artefact("command", "What Windows starts", command),
        ]


def _write_registry(sections: list[str]) -> bytes:
    return write_wide("\n".join(("Windows Registry Editor Version 5.00\n", *sections)) + "\n")


KIND = RegCommandKind()
