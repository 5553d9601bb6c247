"""How something is put on a host and taken away again: lines of sh that an operator runs.

Rules:
- They are run as root, in the folder in which the artefacts were saved; each line may be read.
- What the second list does leaves nothing of what the first one did.
- Paths and names are checked by whoever calls; the lines put no quotes around them.
"""

import re
from typing import NamedTuple

from serinus.tokens.kind import Artefact

HEAD = "# As root, in the folder that holds what you saved.\n"


class Steps(NamedTuple):
    """Lines that install, and lines that remove."""

    install: str
    remove: str = ""

    def artefacts(self) -> list[Artefact]:
        """Return both to copy."""
        return [
            Artefact("install", "Install", HEAD + self.install),
            Artefact("remove", "Remove", HEAD + self.remove),
        ]


def in_order(*parts: Steps) -> Steps:
    """Do one after the other; take away in the reverse order."""
    return Steps(
        "".join(part.install for part in parts), "".join(part.remove for part in parts[::-1])
    )


def placed(file: str, path: str, mode: str = "755", owner: str = "", like: str = "") -> Steps:
    """Copy a file to its place, as old as another if need be; what is there already is not lost.

    Where something is there, the lines that remove must not be run: they say so.
    """
    by = f" -o {owner}" if owner else ""
    install = f"install{by} -m {mode} {file} {path}"
    old = f" && touch -r {like} {path}" if like else ""
    return Steps(
        f"if [ -e {path} ]; then echo '{path} is there already: stop, and do not remove it' >&2\n"
        f"else {install}{old}; fi\n",
        f"rm {path}\n",
    )


def appended(line: str, *files: str) -> Steps:
    """Add a line without single quotes to those of the files that there are."""
    pattern = re.sub(r"([\\.*\[\]^$|])", r"\\\1", line)
    loop = f"for file in {' '.join(files)}; do\n    if [ -f $file ]; then "
    return Steps(
        # A last line that does not end would take ours into it.
        f"{loop}[ -z \"$(tail -c 1 $file)\" ] || echo >>$file; echo '{line}' >>$file; fi\ndone\n",
        f"{loop}sed -i '\\|^{pattern}$|d' $file; fi\ndone\n",
    )


def in_home(user: str, folder: str) -> Steps:
    """Make a folder in a user's home, where there is none."""
    path = f"~{user}/{folder}"
    return Steps(
        f'install -d -o {user} -g "$(id -gn {user})" {path}\n',
        f"rmdir --ignore-fail-on-non-empty {path}\n",
    )


def earlier_in_path(name: str, path: str, user: str) -> Steps:
    """Put a program where PATH finds it before the one at `path`, for everyone or one user."""
    if user:
        told = (
            "# PATH must begin with it, as it does after a login on Debian and Red Hat:\n"
            f"# su - {user} -c 'command -v {name}'\n"
        )
        return in_order(in_home(user, "bin"), placed(name, f"~{user}/bin/{name}"), Steps(told))
    folder = "/usr/local/sbin" if path.rpartition("/")[0].endswith("sbin") else "/usr/local/bin"
    return placed(name, f"{folder}/{name}", like=path)


def diverted(name: str, path: str, folder: str) -> Steps:
    """Put a program in the place of the one at `path`, which goes into `folder`."""
    moved = f"{folder}/{name}"
    return Steps(
        f"install -d {folder}\n"
        f"# Without dpkg: mv {path} {moved}\n"
        f"# There an upgrade puts the program back: then repeat these steps.\n"
        f"dpkg-divert --local --rename --divert {moved} --add {path}\n"
        f"install -m 755 {name} {path}\n"
        f"touch -r {moved} {path}\n",
        f"rm {path}\n"
        f"# Without dpkg: mv {moved} {path}\n"
        f"dpkg-divert --local --rename --remove {path}\n"
        f"rmdir {folder}\n",
    )
