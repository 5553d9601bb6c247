"""An Ansible inventory whose hosts are ours."""

from serinus.tokens.configs import draw_remark, written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class AnsibleKind(PlainKind):
    """An inventory in INI form (Ansible: How to build your inventory)."""

    name = "ansible"
    title = "Ansible inventory"
    summary = "An Ansible inventory that fires when a command or a playbook is run against it."
    group = Group.CREDENTIAL
    planting = (
        "Put it beside playbooks that look alive, in a repository, a backup or a home folder.",
        "It fires when ansible or ansible-playbook reaches for a host, or when somebody tries one "
        "by hand: the host's name is looked up. Nothing listens for SSH here. The password in it "
        "is for sudo, and is never sent to us.",
        "Reading the file, and ansible-inventory, do not fire. The source is mostly the resolver "
        "that the host uses.",
    )
    proof = proven("ansible")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the inventory."""
        draw = Draw(token, site, "ansible")
        project = draw.one(PROJECTS)
        lines = draw_remark(draw)
        for role in draw.shuffled(ROLES)[: draw.number(2, 4)]:
            lines += [f"[{role}]", *self._hosts(draw, token, site, project, role), ""]
        shared = [
            f"ansible_user={draw.one(('ansible', 'deploy', 'admin', draw.person().login))}",
            f"ansible_become_password={draw.password()}",
        ]
        more = (
            "ansible_become=true",
            "ansible_python_interpreter=/usr/bin/python3",
            f"ansible_ssh_private_key_file=~/.ssh/{project}_{draw.one(('rsa', 'ed25519', 'key'))}",
        )
        shared += draw.shuffled(more)[: draw.number(1, 3)]
        lines += ["[all:vars]", *draw.shuffled(shared)]
        name = draw.one(("hosts", "inventory", "hosts.ini", "inventory.ini", f"{project}.ini"))
        return [Artefact("inventory", "Inventory", written(*lines), file_name=name)]

    def _hosts(self, draw: Draw, token: Token, site: Site, project: str, role: str) -> list[str]:
        first = draw.number(1, 20)
        form = draw.one(("{project}-{role}-{n:02}", "{role}{n}", "{project}{n:02}-{role}"))
        numbers, hostname = range(first, first + draw.number(1, 3)), site.hostname(token.id)
        return [
            f"{form.format(project=project, role=role, n=n)} ansible_host={role}{n}.{hostname}"
            for n in numbers
        ]


KIND = AnsibleKind()
