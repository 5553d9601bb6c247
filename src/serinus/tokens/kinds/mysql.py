"""A MySQL or MariaDB client's option file whose server is ours."""

from serinus.tokens.configs import draw_remark, host_of, written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class MySQLKind(PlainKind):
    """`~/.my.cnf` (MariaDB: Configuring MariaDB with Option Files)."""

    name = "mysql"
    title = "MySQL options"
    summary = "A .my.cnf with a password that fires when a MySQL or MariaDB client is started."
    group = Group.CREDENTIAL
    planting = (
        "Save it as .my.cnf in the home folder of an account that nobody uses, or in a backup, a "
        "container image or a repository.",
        "It fires when mysql, mariadb or mysqldump is started by that account without another "
        "host: the server's name is looked up. No database answers here, so that the password is "
        "not seen when it is tried.",
        "Reading the file does not fire. The source is mostly the resolver that the host uses.",
    )
    proof = proven("mariadb", "mariadb-dump")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the option file."""
        draw = Draw(token, site, "mysql")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        mark, equals = draw.one(("", '"', "'")), draw.one(("=", " = "))
        client = {
            "host": host_of(draw, token, site, "db", "mysql", "sql", "maria", "dbsrv", "rds"),
            "user": draw.one((project, f"{project}_{role}", role, draw.person().login)),
            "password": mark + draw.password() + mark,
        }
        if draw.number(0, 1):
            client["port"] = "3306"
        lines = [*draw_remark(draw), "[client]"]
        lines += [f"{key}{equals}{value}" for key, value in draw.shuffled(client.items())]
        database = draw.one((project, f"{project}_prod", f"{role}db", f"{project}_{role}"))
        more = (f"database{equals}{database}", "no-auto-rehash", r"prompt=\u@\h [\d]>\_")
        lines += draw.one(([], ["", "[mysql]", *draw.shuffled(more)[: draw.number(1, 3)]]))
        return [Artefact("options", "Option file", written(*lines), file_name=".my.cnf")]


KIND = MySQLKind()
