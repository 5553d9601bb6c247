"""Lines of a PowerShell profile that look up a name of ours."""

from serinus.tokens.drawing import DIGITS, LETTERS, Draw
from serinus.tokens.kind import Artefact, Token
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling
from serinus.tokens.windows import WindowsKind

_TEMPLATE = """\
try {
	$@who = «$env:USERNAME¦[Environment]::UserName» -replace '[^A-Za-z0-9-]', ''
	$@at = «$env:COMPUTERNAME¦[Environment]::MachineName»
	$@name = «"$@at.$@who.‹nonce›$PID.‹host›"¦"$@who.$@at.‹nonce›$PID.‹host›"¦\
'{0}.{1}.‹nonce›{2}.‹host›' -f $@at, $@who, $PID»
	«[void][Net.Dns]::BeginGetHostAddresses($@name, $null, $null)\
¦$null = [Net.Dns]::GetHostAddressesAsync($@name)\
¦[Net.Dns]::GetHostAddressesAsync($@name) | Out-Null»
} catch { }
"""


class PowerShellProfileKind(WindowsKind):
    """A profile script (Microsoft: about_Profiles)."""

    name = "powershell_profile"
    title = "PowerShell profile"
    summary = "Lines of a PowerShell profile that look up a name of ours when PowerShell starts."
    planting = (
        "Unverified: no test here runs PowerShell. Add the lines to the profile of an account or "
        "of a whole computer that nobody should work on: notepad $PROFILE.AllUsersAllHosts. Its "
        "scripts must be allowed there: Get-ExecutionPolicy.",
        "When PowerShell starts, a name with the computer and the user in it is looked up, in the "
        "background, so that the prompt comes as fast as before. powershell -NoProfile does not "
        "read profiles, and many tools of attackers start it so.",
        "Whoever reads the profile sees the lines. In Windows PowerShell 5 they stay in the log of "
        "script blocks, if that is on.",
    )

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the lines."""
        draw = Draw(token, site, "profile")
        values = {
            "nonce": draw.text(LETTERS + DIGITS, draw.number(4, 6)),
            "host": site.hostname(token.id),
        }
        text = Spelling(draw).write(_TEMPLATE, values)
        return [Artefact("profile", "Lines of a profile", text, file_name="profile.ps1")]


KIND = PowerShellProfileKind()
