"""A task of Windows that tells us when somebody signs in."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Options, Token, option, options_of
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind, draw_lookup, write_wide

_TRIGGERS = {
    "logon": "<LogonTrigger><Enabled>true</Enabled></LogonTrigger>",
    "unlock": (
        "<SessionStateChangeTrigger><Enabled>true</Enabled>"
        "<StateChange>SessionUnlock</StateChange></SessionStateChangeTrigger>"
    ),
    "remote": (
        "<SessionStateChangeTrigger><Enabled>true</Enabled>"
        "<StateChange>RemoteConnect</StateChange></SessionStateChangeTrigger>"
    ),
}
_USERS = "S-1-5-32-545"
"""The group of all users (MS-DTYP §2.4.2.4): the task runs as whoever is signed in."""


@dataclass(frozen=True, slots=True)
class ScheduledTaskOptions(Options):
    """When the task runs."""

    when: str = option(
        "When",
        "When somebody signs in, unlocks the screen, or connects by Remote Desktop.",
        default="logon",
        choices=tuple(_TRIGGERS),
    )


class ScheduledTaskKind(WindowsKind):
    """A task definition (MS-TSCH §2.5, Task Scheduler Schema 1.2)."""

    name = "scheduled_task"
    title = "Windows task"
    summary = "A scheduled task that looks up a name of ours when somebody signs in."
    planting = (
        "Unverified: no test here runs Windows. Register it as administrator on a computer that "
        "nobody should use: schtasks /create /tn NAME /xml FILE. Take it away with schtasks "
        "/delete /tn NAME.",
        "When it runs, nslookup looks up a name with the computer and the user in it. Names that "
        "hold blanks or umlauts may not come through. A window may flash up.",
        "Whoever lists the tasks sees it, with its command.",
    )
    options = ScheduledTaskOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the task, and the command that it starts."""
        draw = Draw(token, site, "task")
        project, role, author = draw.one(PROJECTS), draw.one(ROLES), draw.person().login
        command = draw_lookup(draw, site.hostname(token.id))
        program, _, arguments = command.partition(" ")
        text = "\n".join(
            (
                '<?xml version="1.0" encoding="UTF-16"?>',
                '<Task version="1.2" '
                'xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
                f"  <RegistrationInfo><Date>{draw.before(300):%Y-%m-%dT%H:%M:%S}</Date>"
                f"<Author>{project.upper()}\\{author}</Author></RegistrationInfo>",
                f"  <Triggers>{_TRIGGERS[options_of(token, ScheduledTaskOptions).when]}</Triggers>",
                f'  <Principals><Principal id="Author"><GroupId>{_USERS}</GroupId>'
                "<RunLevel>LeastPrivilege</RunLevel></Principal></Principals>",
                "  <Settings>"
                "<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
                f"<Hidden>{draw.one(('true', 'false'))}</Hidden></Settings>",
                f'  <Actions Context="Author"><Exec><Command>{program}</Command>'
                f"<Arguments>{escape(arguments)}</Arguments></Exec></Actions>",
                "</Task>",
            )
        )
        name = draw.one((f"{project}-{role}", f"{project.title()} {role}", f"{role}-{project}"))
        return [
            Artefact("task", "Task", lambda: write_wide(text), "text/xml", f"{name}.xml"),
            Artefact("command", "What it starts", command),
        ]


KIND = ScheduledTaskKind()
