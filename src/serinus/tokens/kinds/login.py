"""An alarm when somebody logs in to a host, or uses a key that was left lying around."""

from dataclasses import dataclass

from serinus.base.errors import OperatorError
from serinus.base.ssh_keys import make_ssh_key
from serinus.tokens.beacon import check_user, user_option, via_option
from serinus.tokens.beacon_shell import Said, write_beacon
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling
from serinus.tokens.steps import Steps, appended, in_home, in_order, placed

_FROM = "${SSH_CONNECTION:+ from ${SSH_CONNECTION%% *}}"
_SAID = {
    "profile": Said(f"logged in{_FROM}"),
    "sshrc": Said(f"logged in by ssh{_FROM}"),
    "authorized-keys": Said(
        f"was tried with the key{_FROM}${{SSH_ORIGINAL_COMMAND:+ to run $SSH_ORIGINAL_COMMAND}}",
        is_free=True,
    ),
    "pam": Said(
        "opened a $PAM_SERVICE session for $PAM_USER${PAM_RHOST:+ from $PAM_RHOST}", is_free=True
    ),
}
_TEXTS = {
    "profile": "‹beacon›",
    # With a file of its own, sshd leaves the cookie of X11 to it (sshd(8), SSHRC).
    "sshrc": """\
‹beacon›if [ "$DISPLAY" ] && read -r @proto @cookie; then
\t«case $DISPLAY in localhost:*) DISPLAY=unix:${DISPLAY#localhost:} ;; esac¦\
case "$DISPLAY" in localhost:*) DISPLAY="unix:${DISPLAY#localhost:}" ;; esac»
\techo add "$DISPLAY" "$@proto" "$@cookie" | xauth -q -
fi
""",
    "authorized-keys": """\
#!/bin/sh
‹beacon›«echo¦printf '%s\\n'» «'This account is currently not available.'¦\
"This account is currently not available."»
exit 1
""",
    "pam": """\
#!/bin/sh
«[ "$PAM_TYPE" = open_session ] || exit 0¦if [ "$PAM_TYPE" != open_session ]; then exit 0; fi»
‹beacon›exit 0
""",
}


@dataclass(frozen=True, slots=True)
class LoginOptions(Options):
    """By what a login is noticed, and whose."""

    place: str = option(
        "Place",
        "What runs it: the profile of login shells, sshd's rc file, a key, or PAM.",
        default="profile",
        choices=("profile", "sshrc", "authorized-keys", "pam"),
    )
    via: str = via_option()
    user: str = user_option("Only logins of this name; with a key, the account that it opens.")

    def check(self) -> None:
        """Refuse what could not be planted as it is said."""
        check_user(self.user)
        if self.place == "authorized-keys" and not self.user:
            raise OperatorError("Name the account that the key seems to open: user.", "user")
        if self.place == "pam" and self.user:
            raise OperatorError("PAM runs it for everyone: leave out user.", "user")


class LoginKind(PlainKind):
    """A piece of shell that a login runs."""

    name = "login"
    title = "Login"
    summary = "A piece of shell that fires when somebody logs in, or tries a key left lying around."
    group = Group.HOST
    planting = (
        "profile fires for login shells of bash, dash and zsh, on a console, by ssh and by su -. "
        "It does not for ssh HOST COMMAND, scp, or a shell that a program starts.",
        "sshrc is run by sshd for every session, for a command and for sftp, too; a user's own "
        "~/.ssh/rc takes its place. For one user it is that file: sftp does not run it, its owner "
        "can read and remove it, and PermitUserRC no forbids it.",
        "authorized-keys gives a private key to leave where an intruder finds it, such as in "
        "~/.ssh of another host or in a backup. Whoever tries it on this host is told that the "
        "account is not available, gets no shell, and fires it with their address and the command "
        "that they wanted.",
        "pam fires when a session begins, whatever the program: for sshd and login as it is "
        "installed here, and for su, sudo or cron where you add the line to their file in "
        "/etc/pam.d. SELinux may keep sshd from running it.",
        "It tells user, host and, by ssh, the address that the login came from. Whoever reads the "
        "files sees it; it begins before the intruder's first prompt. It does not delay a login.",
        "Scripts need bash for the text of a lookup, and curl for a request; without bash the "
        "lookup says only that there was a login.",
    )
    proof = proven("bash", "dash", "sshd", "pamtester")
    options = LoginOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the piece of shell, with a key what opens it, and how they are installed."""
        options = options_of(token, LoginOptions)
        draw = Draw(token, site, "login")
        name, comment = draw.one(PROJECTS), f"{draw.person().login}@{draw.one(ROLES)}"
        spelling = Spelling(draw)
        beacon = write_beacon(spelling, _SAID[options.place], options.via, token, site)
        text = spelling.write(_TEXTS[options.place], {"beacon": beacon})
        file = name + (".sh" if options.place == "profile" else "")
        found = [Artefact("script", "Script", text, "text/x-shellscript", file)]
        if options.place != "authorized-keys":
            return [*found, *_steps(options, file).artefacts()]
        private, line = make_ssh_key(draw.bytes, comment)
        key = Artefact("key", "Private key", private, file_name="id_ed25519")
        return [key, *found, *_key_steps(options.user, file, line).artefacts()]


def _steps(options: LoginOptions, file: str) -> Steps:
    user = options.user
    if options.place == "pam":
        path = f"/usr/local/sbin/{file}"
        line = f"session optional pam_exec.so quiet {path}"
        return in_order(placed(file, path), appended(line, "/etc/pam.d/sshd", "/etc/pam.d/login"))
    if options.place == "sshrc":
        rc = f"~{user}/.ssh/rc" if user else "/etc/ssh/sshrc"
        there = Steps(f"# If there is a file {rc}, put these lines before its own instead.\n")
        folder = in_home(user, ".ssh") if user else Steps("")
        return in_order(folder, there, placed(file, rc, "644"))
    if user:
        names = (".profile", ".bash_profile", ".bash_login", ".zprofile")
        read = appended(f". ~/.{file}", *(f"~{user}/{name}" for name in names))
        return in_order(placed(file, f"~{user}/.{file}", "600", user), read)
    path = f"/etc/profile.d/{file}"
    read = appended(f". {path}", "/etc/zsh/zprofile", "/etc/zprofile")
    return in_order(placed(file, path, "644"), read)


def _key_steps(user: str, file: str, line: str) -> Steps:
    path, keys = f"/usr/local/bin/{file}", f"~{user}/.ssh/authorized_keys"
    allowed = f'restrict,command="{path}" {line}'
    made = Steps(
        f"touch {keys}\nchown {user} {keys}\nchmod 600 {keys}\n",
        f"if [ ! -s {keys} ]; then rm {keys}; fi\n",
    )
    return in_order(placed(file, path), in_home(user, ".ssh"), made, appended(allowed, keys))


KIND = LoginKind()
