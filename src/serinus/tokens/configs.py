"""What configurations are made of besides their format: hosts, networks and remarks."""

from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Token
from serinus.tokens.site import Site


def host_of(draw: Draw, token: Token, site: Site, *roles: str) -> str:
    """Return a name below the token's own that begins with one of the roles, at times numbered."""
    number = draw.one(("", "", str(draw.number(1, 9)), f"-{draw.number(1, 4)}"))
    return f"{draw.one(roles)}{number}.{site.hostname(token.id)}"


def draw_network(draw: Draw) -> str:
    """Return the first three numbers of a private network (RFC 1918 §3)."""
    third = draw.number(0, 254)
    return draw.one(
        (
            f"10.{draw.number(0, 254)}.{third}",
            f"172.{draw.number(16, 31)}.{third}",
            f"192.168.{third}",
        )
    )


def draw_remark(draw: Draw) -> list[str]:
    """Return a line of comment as somebody leaves it, or none."""
    at, who = draw.before(400), draw.person()
    day = at.strftime(draw.one(("%Y-%m-%d", "%d %b %Y")))
    said = draw.one(
        (
            "",
            f"{day} {who.login}",
            f"{who.first}, {day}",
            f"{who.login} {day}",
        )
    )
    return [f"# {said}"] if said else []


def written(*lines: str) -> str:
    """Return the lines as a text file."""
    return "".join(f"{line}\n" for line in lines)
