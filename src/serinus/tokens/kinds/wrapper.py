"""A wrapper around a program: an alarm each time when it is run, and the program runs as ever."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from serinus.base.errors import OperatorError
from serinus.tokens.beacon import check_user, user_option, via_option
from serinus.tokens.beacon_c import build, write_program
from serinus.tokens.beacon_shell import HELPERS, Said, write_beacon
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling
from serinus.tokens.steps import Steps, appended, diverted, earlier_in_path, in_order, placed

PROGRAM_LENGTH_MAX = 200
"""Characters of a program's path."""

# Nothing that a shell, C or sed would read as its own.
_PROGRAM = re.compile(r"(/[A-Za-z0-9._+-]+)*/[A-Za-z0-9._+-]+|[A-Za-z0-9._+-]+", re.ASCII)
_RC_FILES = ("/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh/zshrc", "/etc/zshrc")
"""Debian's and Red Hat's (bash(1), FILES; zsh(1), FILES)."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

_FUNCTION = """\
unalias ‹name› 2>/dev/null || :
‹name›() {
‹beacon›command ‹name› "$@"
}
"""
_SCRIPT = """\
#!/bin/sh
«if [ "$0" -ef ‹real› ]; then exit 126; fi¦[ "$0" -ef ‹real› ] && exit 126»
‹beacon›exec ‹real› "$@"
"""
_HEADERS = ("errno.h", "sys/stat.h")
_MAIN = """\
int main(int @argc, char **@argv)
{
\tchar @text[‹size› + 1], @host[65] = "", @name[65];
\tstruct stat @self, @real;

\tif (stat("/proc/self/exe", &@self) == 0 && stat("‹real›", &@real) == 0 &&
\t    @self.st_dev == @real.st_dev && @self.st_ino == @real.st_ino)
\t\treturn 126;
\tgethostname(@host, sizeof @host - 1);
\t@user(getuid(), @name);
\tsnprintf(@text, sizeof @text, "%s on %s ran %s", @name, @host, "‹name›");
{arguments}\t@tell(@text);
\texecv("‹real›", @argv);
\tperror("‹name›");
\treturn errno == ENOENT ? 127 : 126;
}
"""
_ARGUMENTS = """\
\tfor (int @i = 1; @i < @argc; @i++) {
\t\tsize_t @length = strlen(@text);
\t\tsnprintf(@text + @length, sizeof @text - @length, " %s", @argv[@i]);
\t}
"""


@dataclass(frozen=True, slots=True)
class WrapperOptions(Options):
    """Which program, how it is wrapped, and for whom."""

    program: str = option(
        "Program",
        "Its name, such as nc, or its path where that is not /usr/bin/NAME.",
        max=PROGRAM_LENGTH_MAX,
    )
    style: str = option(
        "Style",
        "A function of the shell, a script, or a program of yours that is compiled.",
        default="script",
        choices=("shell-function", "script", "binary"),
    )
    via: str = via_option()
    with_args: bool = option(
        "Carry arguments",
        "Carry the arguments, too. They may hold passwords, and stand in the alert.",
        default=False,
    )
    user: str = user_option("Wrap it for this login name alone.")
    everyone: bool = option(
        "Everyone", "Wrap it for everyone, as it is done where no user is named.", default=False
    )
    divert: bool = option(
        "Divert",
        "Put the wrapper in the program's own place, so that its full path fires, too.",
        default=False,
    )

    def check(self) -> None:
        """Refuse what could not be planted as it is said."""
        name = PurePosixPath(self.program).name
        if not _PROGRAM.fullmatch(self.program) or name in ("", ".", "..") or name[0] == "-":
            raise OperatorError("Give a program as nc or /usr/bin/nc, without blanks.", "program")
        check_user(self.user)
        if self.user and self.everyone:
            raise OperatorError("Give a user or everyone, not both.", "user")
        if self.style == "binary" and self.via != "dns":
            raise OperatorError("A compiled wrapper tells by dns alone: leave out via.", "via")
        if self.divert and (self.user or self.style == "shell-function"):
            raise OperatorError(
                "A diverted program is everyone's, and a script or a binary.", "divert"
            )
        if self.divert and self.style == "script" and name in HELPERS:
            raise OperatorError(f"The script itself runs {name}: take the style binary.", "style")
        stands_apart = self.divert or self.style == "shell-function"
        if not stands_apart and self.path.startswith("/usr/local/"):
            raise OperatorError(f"Nothing comes before {self.path} in PATH: divert it.", "divert")

    @property
    def name(self) -> str:
        """What people type."""
        return PurePosixPath(self.program).name

    @property
    def path(self) -> str:
        """Where the program is."""
        return self.program if "/" in self.program else f"/usr/bin/{self.program}"


class WrapperKind(PlainKind):
    """A function, a script or a compiled program that runs another one as if it were not there."""

    name = "wrapper"
    title = "Wrapped program"
    summary = "A wrapper that fires each time when a program is run, and runs it as ever."
    group = Group.HOST
    planting = (
        "Wrap what an intruder runs and your people do not: nc, nmap, tcpdump, gcc, whoami on a "
        "server. A program that a script of yours runs every minute alerts every minute.",
        "A function fires for people at a prompt (bash, zsh, and shells that read /etc/profile). A "
        "script earlier in PATH fires wherever the name is typed or run by name. A diverted "
        "program fires with its full path, too, and stays when its package is upgraded; divert "
        "the file that the package ships, not a link to it (readlink -f). A copy of the program, "
        "and another program that does the same, fire none of them.",
        "Exit status, arguments, input, output, signals, terminal and children are those of the "
        "bare program. A script shows it by its full path in the list of processes, and a shell "
        "drops variables of the environment that are no words, such as functions that bash "
        "exports; a function and a compiled wrapper leave both as they are. Do not wrap a setuid "
        "program by a script.",
        "It costs a tenth of a millisecond compiled and one or two milliseconds as a script, and "
        "never waits for the network. What a script leaves beside the program ends after some "
        "seconds and holds descriptors above 9 until then; in a container whose first process is "
        "the program it becomes its child. A compiled wrapper leaves and holds nothing.",
        "It tells user, host and program; arguments only where they are asked for, because they "
        "hold secrets. Scripts and functions need bash for the text of a lookup, and curl for a "
        "request; without bash the lookup says only that the program was run. The source of a "
        "lookup is mostly the resolver of the host.",
        "Whoever reads the script, types `type NAME`, compares check sums (debsums) or traces "
        "system calls sees it.",
    )
    proof = proven("bash", "zsh", "dash", "busybox", "gcc", "musl-gcc", "curl", "dpkg-divert")
    options = WrapperOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the wrapper, how it is installed, and how it is removed."""
        options = options_of(token, WrapperOptions)
        draw = Draw(token, site, "wrapper")
        word, folder = draw.one(ROLES), f"/usr/lib/{draw.one(PROJECTS)}"
        real = f"{folder}/{options.name}" if options.divert else options.path
        values = {"name": options.name, "real": real}
        file = _write(Spelling(draw), options, values, token, site, word)
        return [file, *_steps(options, file.file_name or "", folder).artefacts()]


def _write(
    spelling: Spelling,
    options: WrapperOptions,
    values: dict[str, str],
    token: Token,
    site: Site,
    word: str,
) -> Artefact:
    if options.style == "binary":
        main = _MAIN.replace("{arguments}", _ARGUMENTS if options.with_args else "")
        source = write_program(spelling, main, _HEADERS, values, token, site)
        return Artefact("source", "Source", source, "text/x-c", f"{word}.c")
    said = Said("ran ‹name›" + (" $*" if options.with_args else ""), values, options.with_args)
    beacon = write_beacon(spelling, said, options.via, token, site)
    if options.style == "script":
        text = spelling.write(_SCRIPT, {**values, "beacon": beacon})
        return Artefact("script", "Script", text, "text/x-shellscript", options.name)
    text = spelling.write(_FUNCTION, {**values, "beacon": beacon})
    return Artefact("function", "Function", text, "text/x-shellscript", f"{word}.sh")


def _steps(options: WrapperOptions, file: str, folder: str) -> Steps:
    if options.style == "shell-function":
        return _read_by_shells(options, file)
    if options.divert:
        placing = diverted(options.name, options.path, folder)
    else:
        placing = earlier_in_path(options.name, options.path, options.user)
    return in_order(build(options.name, file), placing) if options.style == "binary" else placing


def _read_by_shells(options: WrapperOptions, file: str) -> Steps:
    # A name such as ssh-add is none for a function of dash: it would stop reading there.
    by_all = _WORD.fullmatch(options.name) is not None
    if user := options.user:
        names = (".bashrc", ".zshrc", *((".profile",) if by_all else ()))
        files = [f"~{user}/{name}" for name in names]
        placing = placed(file, f"~{user}/.{file}", "600", user)
        return in_order(placing, appended(f". ~/.{file}", *files))
    path = f"{'/etc/profile.d' if by_all else '/usr/local/share'}/{file}"
    return in_order(placed(file, path, "644"), appended(f". {path}", *_RC_FILES))


KIND = WrapperKind()
