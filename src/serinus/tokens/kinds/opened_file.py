"""An alarm when a file on a host is opened."""

import shlex
from dataclasses import dataclass

from serinus.base.errors import OperatorError
from serinus.tokens.beacon import via_option
from serinus.tokens.beacon_c import build, c_text, write_program
from serinus.tokens.beacon_shell import Said, write_beacon
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling
from serinus.tokens.steps import Steps, in_order, placed

PATH_LENGTH_MAX = 300
"""Characters; with user, host and program it still fits into one text."""

_SCRIPT = """\
#!/bin/sh
inotifywait «-qme¦-qm -e¦-mqe» open ‹quoted› | while read -r @line; do
‹beacon›done
"""
_HEADERS = ("errno.h", "fcntl.h", "stdint.h", "stdlib.h", "sys/fanotify.h", "time.h")
_MAIN = """\
/* Says who opens the file. */
static void @describe(int @process, char *@text)
{
\tchar @path[64], @line[256], @name[65], @program[‹size› + 1] = "", @host[65] = "";
\tunsigned @uid = 0;
\tFILE *@file;

\tsprintf(@path, "/proc/%d/status", @process);
\t@file = fopen(@path, "r");
\twhile (@file && fgets(@line, sizeof @line, @file)) {
\t\tsscanf(@line, "Name: %[^\\n]", @program);
\t\tif (sscanf(@line, "Uid: %u", &@uid) == 1)
\t\t\tbreak;
\t}
\tif (@file)
\t\tfclose(@file);
{arguments}\tgethostname(@host, sizeof @host - 1);
\t@user(@uid, @name);
\tsnprintf(@text, ‹size› + 1, "%s on %s opened %s with %s", @name, @host, "‹path›", @program);
}

int main(void)
{
\tint @watch = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_LARGEFILE);
\tint @last = 0;
\ttime_t @then = 0;

\tif (@watch < 0 || fanotify_mark(@watch, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "‹path›") < 0) {
\t\tperror("‹path›");
\t\treturn 1;
\t}
\tfor (;;) {
\t\tstruct fanotify_event_metadata @events[64], *@event = @events;
\t\tssize_t @size = read(@watch, @events, sizeof @events);

\t\tif (@size < 0 && errno != EINTR)
\t\t\treturn 1;
\t\tfor (; FAN_EVENT_OK(@event, @size); @event = FAN_EVENT_NEXT(@event, @size)) {
\t\t\tstruct fanotify_response @answer = {@event->fd, FAN_ALLOW};
\t\t\tint @again = @event->pid == @last && time(0) == @then;
\t\t\tchar @text[‹size› + 1];

\t\t\t/* It waits for this answer, so that it is still there to be described. */
\t\t\tif (!@again)
\t\t\t\t@describe(@event->pid, @text);
\t\t\tif (write(@watch, &@answer, sizeof @answer) < 0)
\t\t\t\treturn 1;
\t\t\tclose(@event->fd);
\t\t\tif (@again)
\t\t\t\tcontinue;
\t\t\t@tell(@text);
\t\t\t@last = @event->pid;
\t\t\t@then = time(0);
\t\t}
\t}
}
"""
_ARGUMENTS = """\
\tsize_t @length;

\tsprintf(@path, "/proc/%d/cmdline", @process);
\t@file = fopen(@path, "r");
\tif (@file && (@length = fread(@program, 1, ‹size›, @file)) > 0) {
\t\t@program[--@length] = 0;
\t\twhile (@length-- > 0)
\t\t\tif (!@program[@length])
\t\t\t\t@program[@length] = ' ';
\t}
\tif (@file)
\t\tfclose(@file);
"""
_UNIT = """\
[Unit]
Description=‹about›

[Service]
ExecStart=‹program›
Restart=always
RestartSec=‹delay›

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class OpenedFileOptions(Options):
    """Which file, and how it is watched."""

    path: str = option("Path", "The file, such as /root/passwords.txt.", max=PATH_LENGTH_MAX)
    by: str = option(
        "Watcher",
        "fanotify says who opened it with what (compiled); inotify needs inotify-tools alone.",
        default="fanotify",
        choices=("fanotify", "inotify"),
    )
    via: str = via_option()
    with_args: bool = option(
        "Carry arguments",
        "With fanotify: carry the process's arguments, too. They may hold passwords.",
        default=False,
    )

    def check(self) -> None:
        """Refuse what could not be watched as it is said."""
        if not self.path.startswith("/") or self.path.endswith("/"):
            raise OperatorError("Give a file by its whole path, such as /root/notes.txt.", "path")
        if self.by == "fanotify" and self.via != "dns":
            raise OperatorError("A compiled watcher tells by dns alone: leave out via.", "via")
        if self.by == "inotify" and self.with_args:
            raise OperatorError("inotify does not say who opened a file.", "with_args")


class OpenedFileKind(PlainKind):
    """A program that waits for a file to be opened."""

    name = "opened_file"
    title = "Opened file"
    summary = "A watcher that fires when a file is opened, with who opened it and by what program."
    group = Group.HOST
    planting = (
        "Watch a file that nobody has a reason to open: notes with passwords, a key, a dump. What "
        "reads every file fires it as well: backups, indexers, virus scanners, grep -r. A listing "
        "of the folder, stat and chmod do not.",
        "fanotify runs as root and says user, process and, where you ask for them, its arguments: "
        "whoever opens the file waits for that, well below a millisecond. inotify runs as anybody "
        "who may read the file and says only that it was opened. Several opens by one process "
        "within a second are one.",
        "It watches the file itself: if an editor replaces it, start the watcher again. A file "
        "that is opened on another host, over NFS or in a copy of the disk does not fire.",
        "The watcher is in the list of processes; inotifywait shows the path there, the compiled "
        "one only its own name. systemd was not run in our tests: systemd-analyze verify reads the "
        "unit, and the watchers were run by themselves.",
    )
    proof = proven("fanotify", "inotifywait")
    options = OpenedFileOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the watcher, the unit that keeps it running, and how they are installed."""
        options = options_of(token, OpenedFileOptions)
        draw = Draw(token, site, "opened_file")
        name = f"{draw.one(PROJECTS)}-{draw.one(ROLES)}"
        spelling = Spelling(draw)
        if options.by == "fanotify":
            main = _MAIN.replace("{arguments}", _ARGUMENTS if options.with_args else "")
            values = {"path": c_text(options.path)}
            source = write_program(spelling, main, _HEADERS, values, token, site)
            watcher = Artefact("source", "Source", source, "text/x-c", f"{name}.c")
            made = build(name, f"{name}.c")
        else:
            said = Said("saw ‹path› opened", {"path": _in_double_quotes(options.path)}, True)
            beacon = write_beacon(spelling, said, options.via, token, site)
            values = {"quoted": shlex.quote(options.path), "beacon": beacon}
            script = spelling.write(_SCRIPT, values)
            watcher = Artefact("script", "Script", script, "text/x-shellscript", name)
            made = Steps("")
        about = name.replace("-", " ").capitalize()
        values = {"about": about, "program": f"/usr/local/sbin/{name}"}
        values["delay"] = draw.one(("5", "10", "15", "20", "30", "60"))
        unit = Artefact("unit", "Unit", spelling.write(_UNIT, values), file_name=f"{name}.service")
        return [watcher, unit, *in_order(made, _steps(name)).artefacts()]


def _steps(name: str) -> Steps:
    unit = f"/etc/systemd/system/{name}.service"
    program = f"/usr/local/sbin/{name}"
    forgotten = Steps(
        "", f"systemctl daemon-reload\n# Started without systemd: pkill -f '^[^ ]* *{program}$'\n"
    )
    return in_order(
        forgotten,
        placed(name, program),
        placed(f"{name}.service", unit, "644"),
        Steps(
            "systemctl daemon-reload\n"
            f"# Without systemd, start it where the host starts its programs:\n"
            f"# setsid {program} </dev/null >/dev/null 2>&1 &\n"
            f"systemctl enable --now {name}\n",
            f"systemctl disable --now {name}\n",
        ),
    )


def _in_double_quotes(text: str) -> str:
    """Return text as it stands between double quotes in a shell (POSIX.1-2017, XCU 2.2.3)."""
    for sign in ("\\", '"', "$", "`"):
        text = text.replace(sign, "\\" + sign)
    return text


KIND = OpenedFileKind()
