"""A PostgreSQL client's service and password files whose server is ours."""

from serinus.tokens.configs import draw_remark, host_of, written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class PostgresKind(PlainKind):
    """`~/.pg_service.conf` and `~/.pgpass` (PostgreSQL 15, §34.16 and §34.17)."""

    name = "postgres"
    title = "PostgreSQL passwords"
    summary = "A .pgpass and its .pg_service.conf that fire when psql follows them."
    group = Group.CREDENTIAL
    planting = (
        "Save both in the home folder of an account that nobody uses, or in a backup or a "
        "container image. A .pgpass that others may read is ignored: chmod 600 .pgpass.",
        "It fires when psql, pg_dump or a program that uses libpq connects to the service, or to "
        "the host that stands in .pgpass: the server's name is looked up. No database answers "
        "here, so that the password is not seen when it is tried.",
        "Reading the files does not fire. The source is mostly the resolver that the host uses.",
    )
    proof = proven("psql")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return both files, and the command that follows them."""
        draw = Draw(token, site, "postgres")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        host = host_of(draw, token, site, "db", "pg", "postgres", "pgsql", "sql", "primary")
        port = draw.one(("5432", "5432", "5433", "6432"))
        user = draw.one((project, f"{project}_{role}", role, draw.person().login))
        database = draw.one((project, f"{project}_prod", f"{project}_{role}", role))
        service = draw.one((project, f"{project}-{role}", f"{project}_prod"))
        about = {"host": host, "port": port, "dbname": database, "user": user}
        lines = [*draw_remark(draw), f"[{service}]"]
        lines += [f"{key}={value}" for key, value in draw.shuffled(about.items())]
        within = draw.one((database, "*"))
        login = f"{host}:{port}:{within}:{user}:{draw.password()}"
        return [
            Artefact("service", "Services", written(*lines), file_name=".pg_service.conf"),
            Artefact(
                "passwords",
                "Passwords",
                written(*draw_remark(draw), login),
                file_name=".pgpass",
            ),
            Artefact("command", "Command that uses them", f"psql service={service}"),
        ]


KIND = PostgresKind()
