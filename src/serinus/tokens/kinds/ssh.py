"""An SSH client's configuration whose hosts are ours."""

from serinus.base.ssh_keys import make_ssh_key
from serinus.tokens.configs import draw_network, draw_remark, host_of, written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

_GATES = ("bastion", "jump", "gw", "ssh", "gate", "hop", "edge")
_KEYS = ("id_ed25519", "ed25519", "work", "ops", "deploy", "prod", "servers")


class SSHKind(PlainKind):
    """`~/.ssh/config` (ssh_config(5)) with a jump host, and hosts behind it."""

    name = "ssh"
    title = "SSH configuration"
    summary = "An SSH configuration that fires when anybody connects to one of its hosts."
    group = Group.CREDENTIAL
    planting = (
        "Save it as ~/.ssh/config of an account that nobody uses, or in a backup or an archive of "
        "a home folder. If the account has a configuration, add the lines to it under host names "
        "that are not in use. The key belongs beside it, under the name of its file: chmod 600.",
        "It fires when ssh, scp, rsync or git connects to the first host, or to any other through "
        "it: the name is looked up before anything else. Nothing listens for SSH here, so that the "
        "connection fails, and the keys and names that are tried are not seen. The key opens "
        "nothing, and is not seen when somebody uses it elsewhere.",
        "Reading the file does not fire. The source is mostly the resolver that the host uses.",
    )
    proof = proven("ssh")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the configuration."""
        draw = Draw(token, site, "ssh")
        project, network, user = draw.one(PROJECTS), draw_network(draw), draw.person().login
        gate = host_of(draw, token, site, *_GATES)
        alias = draw.one((project, f"{project}-gw", f"{project}-jump", gate.partition(".")[0]))
        key = draw.one((project, f"{project}_{draw.one(_KEYS)}", draw.one(_KEYS)))
        indent, host_name = draw.one(("    ", "  ", "\t")), draw.one(("HostName", "Hostname"))
        about_gate = [f"User {user}", f"IdentityFile ~/.ssh/{key}", *self._more(draw)]
        lines = [
            *draw_remark(draw),
            f"Host {alias}",
            *(indent + line for line in [f"{host_name} {gate}", *draw.shuffled(about_gate)]),
        ]
        for role in draw.shuffled(ROLES)[: draw.number(1, 4)]:
            inner = [
                f"{host_name} {network}.{draw.number(2, 250)}",
                f"User {draw.one((user, 'root', 'admin', 'deploy', 'ubuntu', 'debian'))}",
                f"ProxyJump {alias}",
            ]
            lines += ["", f"Host {project}-{role}", *(indent + line for line in inner)]
        comment = f"{user}@{draw.one((project, draw.one(ROLES), f'{project}-{draw.one(ROLES)}'))}"
        private, _ = make_ssh_key(draw.bytes, comment)
        return [
            Artefact("config", "Configuration", written(*lines), file_name="config"),
            Artefact("key", "Private key", private, file_name=key),
        ]

    def _more(self, draw: Draw) -> list[str]:
        choices = ("IdentitiesOnly yes", "ForwardAgent no", "Port 22", "ServerAliveInterval 60")
        return draw.shuffled(choices)[: draw.number(0, 2)]


KIND = SSHKind()
