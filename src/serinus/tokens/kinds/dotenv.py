"""An application's environment file with the addresses of several services, each of them ours."""

from serinus.model.touch import Touch
from serinus.tokens.configs import draw_remark, host_of, written
from serinus.tokens.describe import shown
from serinus.tokens.drawing import HEX, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, Trip, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

_HOSTS = {
    "PostgreSQL": ("db", "pg", "postgres", "primary"),
    "MySQL": ("mysql", "maria", "legacy"),
    "Redis": ("redis", "cache", "queue", "sessions"),
    "MongoDB": ("mongo", "documents", "events"),
    "SMTP": ("smtp", "mail", "relay", "mx"),
}
"""How the hosts of each service begin; no two share one, so that a lookup tells the service."""
_SERVICES = {host: service for service, hosts in _HOSTS.items() for host in hosts}


class DotenvKind(PlainKind):
    """`.env`: a database, a cache, a mail server, and the address that errors are reported to."""

    name = "dotenv"
    title = "Environment file"
    summary = "A .env with addresses of databases, cache, mail and errors; any of them fires."
    group = Group.CREDENTIAL
    planting = (
        "Put it where a web application has one: beside its code, in a repository, in a backup, in "
        "the folder of a stage that is no more. No running program may read it.",
        "It fires when somebody connects to any of the services: the host's name is looked up, and "
        "the trip says which service it was. An error reporter that is given SENTRY_DSN sends to "
        "us by HTTP. Databases, Redis and mail do not answer here, so that the passwords that are "
        "tried are not seen.",
        "Reading the file does not fire. Scanners for secrets find the file as they find real "
        "ones, and some of them try what they find.",
    )
    proof = proven("redis-cli", "pymongo", "psql", "curl")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file."""
        draw = Draw(token, site, "dotenv")
        project, user, mark = draw.one(PROJECTS), draw.one(ROLES), draw.one(("", "", '"'))
        parts = draw.shuffled(
            (
                self._database(draw, token, site, project),
                self._store(draw, token, site, project),
                self._cache(draw, token, site),
                self._mail(draw, token, site, user),
                self._errors(draw, token, site),
            )
        )
        start = {
            "APP_NAME": project,
            draw.one(("APP_ENV", "NODE_ENV", "ENVIRONMENT")): "production",
            draw.one(("APP_KEY", "SECRET_KEY", "APP_SECRET")): draw.text(HEX, 64),
        }
        lines = [*draw_remark(draw), *(f"{key}={value}" for key, value in start.items())]
        for part in parts:
            lines += draw.one(([], [""]))
            lines += [f"{key}={mark}{value}{mark}" for key, value in part.items()]
        return [Artefact("env", "Environment file", written(*lines), file_name=".env")]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the touch, and of a lookup the service whose host it was."""
        trip = super().interpret(touch, token)
        left = touch.detail.get("left")
        if trip is None or not isinstance(left, (list, tuple)) or not left:
            return trip
        host = shown(left[-1]).lower().rstrip("0123456789").rstrip("-")
        service = _SERVICES.get(host)
        return trip if service is None else Trip(trip.summary, (("Service", service), *trip.facts))

    def _database(self, draw: Draw, token: Token, site: Site, project: str) -> dict[str, str]:
        service, scheme, port = draw.one(
            (
                ("PostgreSQL", draw.one(("postgres", "postgresql")), 5432),
                ("MySQL", draw.one(("mysql", "mysql2")), 3306),
            )
        )
        host = host_of(draw, token, site, *_HOSTS[service])
        login = f"{draw.one((project, 'app', f'{project}_rw'))}:{draw.password()}"
        key = draw.one(("DATABASE_URL", "DB_URL", f"{project.upper()}_DATABASE_URL"))
        return {key: f"{scheme}://{login}@{host}:{port}/{project}"}

    def _store(self, draw: Draw, token: Token, site: Site, project: str) -> dict[str, str]:
        login = f"{draw.one((project, 'app', 'mongo'))}:{draw.password()}"
        scheme, port = draw.one((("mongodb", ":27017"), ("mongodb+srv", "")))
        host = host_of(draw, token, site, *_HOSTS["MongoDB"])
        query = draw.one(("authSource=admin", "retryWrites=true&w=majority"))
        key = draw.one(("MONGODB_URI", "MONGO_URL", "MONGO_URI"))
        return {key: f"{scheme}://{login}@{host}{port}/{project}?{query}"}

    def _cache(self, draw: Draw, token: Token, site: Site) -> dict[str, str]:
        host = host_of(draw, token, site, *_HOSTS["Redis"])
        login = draw.one(("", "default")) + ":" + draw.password()
        key = draw.one(("REDIS_URL", "CACHE_URL", "CELERY_BROKER_URL"))
        return {key: f"redis://{login}@{host}:6379/{draw.number(0, 9)}"}

    def _mail(self, draw: Draw, token: Token, site: Site, user: str) -> dict[str, str]:
        prefix = draw.one(("SMTP", "MAIL"))
        return {
            f"{prefix}_HOST": host_of(draw, token, site, *_HOSTS["SMTP"]),
            f"{prefix}_PORT": draw.one(("587", "465", "25")),
            draw.one((f"{prefix}_USER", f"{prefix}_USERNAME")): user,
            draw.one((f"{prefix}_PASS", f"{prefix}_PASSWORD")): draw.password(),
        }

    def _errors(self, draw: Draw, token: Token, site: Site) -> dict[str, str]:
        # Sentry: a public key of 32 hexadecimal digits, and the project's number.
        address = site.origin(token.id, user=draw.text(HEX, 32))
        return {"SENTRY_DSN": f"{address}/{draw.number(2, 60)}"}


KIND = DotenvKind()
