"""An alarm when a cron job or a systemd unit runs."""

import re
from dataclasses import dataclass

from serinus.base.errors import OperatorError
from serinus.tokens.beacon import check_user, user_option, via_option
from serinus.tokens.beacon_shell import Said, write_beacon
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling
from serinus.tokens.steps import Steps, in_order, placed

UNIT_LENGTH_MAX = 120
"""Characters; systemd allows 255 (systemd.unit(5))."""
WHEN_LENGTH_MAX = 60
"""Characters of five fields of times."""

_UNIT = re.compile(r"[A-Za-z0-9:_.@-]+\.(service|target|timer|socket|path|mount)", re.ASCII)
_WHEN = re.compile(r"@[a-z]+|[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}", re.ASCII)
_SCRIPT = "#!/bin/sh\n‹beacon›"
_JOB = "‹when› ‹user› ‹path›\n"
_SERVICE = """\
[Unit]
Description=‹about›

[Service]
Type=oneshot
ExecStart=‹path›
"""


@dataclass(frozen=True, slots=True)
class ScheduleOptions(Options):
    """What starts it: cron by the clock, or systemd with a unit."""

    by: str = option("Scheduler", "What runs it.", default="cron", choices=("cron", "systemd"))
    when: str = option(
        "When",
        "With cron: five fields as 30 4 * * 1, or @reboot.",
        default="@reboot",
        max=WHEN_LENGTH_MAX,
    )
    unit: str = option(
        "Unit",
        "With systemd: the unit whose start fires, such as rescue.target.",
        default="",
        max=UNIT_LENGTH_MAX,
    )
    via: str = via_option()
    user: str = user_option("With cron: who runs the job; otherwise root.")

    def check(self) -> None:
        """Refuse what the scheduler would not read."""
        check_user(self.user)
        if not _WHEN.fullmatch(self.when):
            raise OperatorError("Give five fields of times, or a word such as @reboot.", "when")
        if (self.by == "systemd") != bool(self.unit):
            raise OperatorError("A unit is named with systemd, and only there.", "unit")
        if self.unit and not _UNIT.fullmatch(self.unit):
            raise OperatorError("Give a unit such as rescue.target or ssh.service.", "unit")


class ScheduleKind(PlainKind):
    """A script, and a cron job or a systemd unit that runs it."""

    name = "schedule"
    title = "Cron job or systemd unit"
    summary = "A script that fires when a cron job runs, or whenever systemd starts a unit."
    group = Group.HOST
    planting = (
        "With cron: @reboot tells that a host was started, such as a backup, an image or a laptop "
        "that nobody has a reason to start. To learn that a job of yours was run by hand, put the "
        "script's path and a semicolon before its command. A host that is copied takes it along.",
        "With systemd: it fires whenever the unit is started, by whatever. Name one that nobody "
        "starts in ordinary days, such as rescue.target or debug-shell.service, or a bait of "
        "yours. The unit itself is neither changed nor delayed.",
        "systemd was not run in our tests: systemd-analyze verify reads the files, and no more "
        "than that holds that they fire.",
        "It tells user, host and what was run. The script needs bash for the text of a lookup, and "
        "curl for a request; without bash the lookup says only that it was run. Whoever reads "
        "/etc/cron.d or types systemctl cat sees it.",
    )
    proof = proven("cron")
    options = ScheduleOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the script, the job or the unit, and how they are installed."""
        options = options_of(token, ScheduleOptions)
        draw = Draw(token, site, "schedule")
        name = f"{draw.one(PROJECTS)}-{draw.one(ROLES)}"
        path, about = f"/usr/local/sbin/{name}", name.replace("-", " ").capitalize()
        spelling = Spelling(draw)
        what = f"unit {options.unit}" if options.unit else f"cron job {name}"
        said = Said("started the ‹what›", {"what": what})
        waits = options.by == "systemd"
        beacon = write_beacon(spelling, said, options.via, token, site, waits=waits)
        script = spelling.write(_SCRIPT, {"beacon": beacon})
        found = [Artefact("script", "Script", script, "text/x-shellscript", f"{name}.sh")]
        placing = placed(f"{name}.sh", path)
        if options.by == "cron":
            values = {"when": options.when, "user": options.user or "root", "path": path}
            found.append(Artefact("job", "Job", spelling.write(_JOB, values), file_name=name))
            steps = in_order(placing, placed(name, f"/etc/cron.d/{name}", "644"))
            return [*found, *steps.artefacts()]
        unit = spelling.write(_SERVICE, {"about": about, "path": path})
        found.append(Artefact("unit", "Unit", unit, file_name=f"{name}.service"))
        found.append(
            Artefact(
                "wants", "Drop-in", f"[Unit]\nWants={name}.service\n", file_name=f"{name}.conf"
            )
        )
        return [*found, *in_order(placing, _unit_steps(name, options.unit)).artefacts()]


def _unit_steps(name: str, unit: str) -> Steps:
    base = "/etc/systemd/system"
    reload = "systemctl daemon-reload\n"
    folder = Steps(
        f"install -d {base}/{unit}.d\n", f"rmdir --ignore-fail-on-non-empty {base}/{unit}.d\n"
    )
    files = (
        placed(f"{name}.service", f"{base}/{name}.service", "644"),
        placed(f"{name}.conf", f"{base}/{unit}.d/{name}.conf", "644"),
    )
    done = in_order(folder, *files)
    return Steps(done.install + reload, done.remove + reload)


KIND = ScheduleKind()
