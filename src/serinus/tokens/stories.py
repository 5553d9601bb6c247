"""What believable files are about: a subject, people, sentences and a table, drawn per token.

Rules:
- A word of the memo may choose the subject, and nothing else of it enters a file.
- The words that a sentence leaves open are drawn; who, when and what agree within one file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from serinus.formats.draft import Cell, Draft
from serinus.tokens.drawing import HEX, PROJECTS, ROLES, Draw, Person
from serinus.tokens.kind import Token
from serinus.tokens.site import Site


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_TRADES = _listed(
    "Advisory|Analytics|Capital|Components|Consulting|Controls|Energy|Engineering|Finance|Foods|"
    "Freight|Group|Healthcare|Holdings|Industries|Instruments|Insurance|Labs|Logistics|Marine|"
    "Materials|Networks|Optics|Partners|Pharma|Properties|Renewables|Retail|Robotics|Services|"
    "Software|Solutions|Systems|Technologies|Textiles|Tools|Trading|Transport|Ventures"
)
_TEAMS = _listed(
    "Accounting|Customer Care|Data|Engineering|Facilities|Finance|Human Resources|IT Operations|"
    "Legal|Logistics|Marketing|Platform|Procurement|Product|Quality|Research|Sales|Security|"
    "Support|Treasury"
)
_FONTS = (
    ("Calibri Light", "Calibri"),
    ("Arial", "Arial"),
    ("Georgia", "Calibri"),
    ("Cambria", "Cambria"),
    ("Verdana", "Verdana"),
    ("Segoe UI", "Segoe UI"),
    ("Trebuchet MS", "Trebuchet MS"),
    ("Tahoma", "Tahoma"),
)
_NOTES = (
    "{company} – internal",
    "{company} · confidential",
    "Internal use only · {team}",
    "{team} · not for distribution",
    "© {year} {company}",
    "{company}, {team}",
    "Confidential – {team}, {year}",
    "Prepared by {author} · {team}",
)
_OPENINGS = (
    "This is the state of {when}; ask {other} in {team} before you change anything here.",
    "{other} and {author} went through the list below on {when}.",
    "{author} keeps this up to date for {team}. The last check was on {when}.",
    "Please do not pass this on: it is meant for {team} and for {other} alone.",
    "As agreed with {other} on {when}, everything is in one place from now on.",
    "Version for {other}, as asked for on {when}; {team} has the older ones.",
)
_POINTS = (
    "{other} confirms the open lines by {later}",
    "{team} gets a copy once {author} has signed it off",
    "Next review with {other} on {later}",
    "Send corrections to {author}, not to the whole group",
    "Replace this file in the shared folder of {team} after {later}",
    "{other} is on leave until {later}; {author} stands in",
    "Open questions go to the meeting of {team} on {later}",
    "Ask {team} for the figures that are still missing",
    "{author} archives the previous version on {later}",
)
_HEADINGS = (
    *("Next steps", "To do", "Open points", "Follow-up", "What is left", "Actions", "Remarks"),
    *("Agreed", "Still open", "Notes", "Further steps", "Please note"),
)

Row = Callable[[Draw], tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a file may be about.

    Attributes:
        words: Beginnings of a memo's words that choose it.
        titles: Of the file.
        sentences: Of its text.
        columns: Names of the table's columns, in wordings of which one is drawn.
        row: Draws one line of the table.
    """

    words: str
    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    row: Row


def _host(draw: Draw) -> str:
    return f"{draw.one(ROLES)}-{draw.one(PROJECTS)}-{draw.number(1, 40):02}"


def _address(draw: Draw) -> str:
    return f"10.{draw.number(1, 254)}.{draw.number(0, 254)}.{draw.number(2, 253)}"


def _day(draw: Draw) -> str:
    at = _workday(draw.before(60) + timedelta(days=draw.number(70, 300)))
    return f"{at:%d %b %Y}"


def _salary(draw: Draw) -> tuple[Cell, ...]:
    base = draw.number(340, 1480) * 100
    raise_ = draw.number(0, 90)
    new = base * (1000 + raise_) // 1000
    return draw.person().name, draw.one(_TEAMS), base, f"{raise_ / 10:.1f} %", new


_SUBJECTS = (
    _Subject(
        "password|passwort|login|credential|access|account|secret|vault|admin",
        ("Access data", "Passwords", "Service accounts", "Logins", "Emergency access", "Accounts"),
        (
            "The accounts below still work; those that were replaced are gone from the list.",
            "Change a password here in the same hour in which it is changed on the system.",
            "{project} moves to single sign-on after {later}, and until then these stay in use.",
            "Shared accounts are for emergencies; whoever uses one tells {other} on the same day.",
            "The passwords of {project} are rotated with the next release, by {other}.",
        ),
        (
            ("System", "Host", "Server", "Service"),
            ("User", "Account", "Login", "User name"),
            ("Password", "Secret", "Current password"),
            ("Owner", "Contact", "Responsible"),
        ),
        lambda draw: (_host(draw), draw.account(), draw.password(), draw.person().name),
    ),
    _Subject(
        "salar|payroll|gehalt|gehälter|wage|bonus|compensation|pay|hr|personnel",
        ("Salary review", "Compensation", "Payroll", "Pay round", "Salaries", "Merit increases"),
        (
            "The increases are budgeted but not yet announced; letters go out after {later}.",
            "{other} has approved all lines but those of {team}, which follow on {later}.",
            "Bonuses are paid apart and are not part of this table.",
            "Figures are gross per year; part-time contracts are shown as full-time.",
            "Please keep this out of mails and chats until {later}.",
        ),
        (
            ("Name", "Employee", "Person"),
            ("Team", "Department", "Unit"),
            ("Base", "Current", "Base salary", "Today"),
            ("Increase", "Raise", "Change"),
            ("New", "New base", "From next year", "Proposed"),
        ),
        _salary,
    ),
    _Subject(
        "plan|project|strateg|roadmap|migration|merger|launch|board",
        ("Project plan", "Roadmap", "Migration plan", "Programme", "Schedule", "Work packages"),
        (
            "{project} starts as planned; the date of the announcement is still {later}.",
            "The budget of {project} covers what is listed, and no second supplier.",
            "Nothing of this has been shared with customers or with the press.",
            "{other} leads {project} until the handover to {team} on {later}.",
            "The board of {company} sees this plan on {later} for the first time.",
        ),
        (
            ("Work package", "Milestone", "Step", "Task"),
            ("Lead", "Owner", "Responsible"),
            ("Due", "Until", "Deadline", "Date"),
            ("Budget", "Cost", "Budget (k)"),
        ),
        lambda draw: (
            f"{draw.one(PROJECTS).title()} {draw.one(ROLES)}",
            draw.person().name,
            _day(draw),
            draw.number(4, 480) * 500,
        ),
    ),
    _Subject(
        "contract|supplier|vendor|customer|client|invoice|vertrag|legal|finance|budget",
        ("Contracts", "Supplier list", "Renewals", "Framework contracts", "Vendors", "Conditions"),
        (
            "Conditions are confidential on both sides, and no supplier sees those of another.",
            "Contracts that end before {later} are negotiated by {other}.",
            "The volume of {project} is counted here, but not paid from this budget.",
            "{team} has the signed copies; scans are in the archive of {company}.",
            "Discounts count from the volume of the last year on.",
        ),
        (
            ("Supplier", "Partner", "Company", "Vendor"),
            ("Contract", "Number", "Reference"),
            ("Per year", "Annual value", "Volume"),
            ("Ends", "Renewal", "Valid until"),
        ),
        lambda draw: (
            f"{draw.person().last} {draw.one(_TRADES)}",
            f"{draw.text('ABCDEFGHKLMNPRSTUVWX', 2)}-{draw.number(10000, 99999)}",
            draw.number(12, 900) * 1000,
            _day(draw),
        ),
    ),
    _Subject(
        "network|server|host|firewall|vpn|infrastructure|backup|netz|ip",
        ("Network plan", "Server list", "Address plan", "Inventory", "Hosts", "Infrastructure"),
        (
            "Addresses outside of this list are free until {later}.",
            "{project} has its own network, and reaches the others through the jump host.",
            "Maintenance is on {later} from 20:00 on; {other} is on call.",
            "The backup network is not routed; ask {other} for the console.",
            "Firewall rules are documented by {team}, by the number of the host.",
        ),
        (
            ("Host", "Name", "Server"),
            ("Address", "IP", "IPv4"),
            ("Purpose", "Role", "Used for"),
            ("Admin", "Contact", "Owner"),
        ),
        lambda draw: (_host(draw), _address(draw), draw.one(_TEAMS), draw.person().name),
    ),
)


def tell_story(token: Token, site: Site) -> Draft:
    """Return what a file of the token says, the same each time."""
    draw = Draw(token, site, "story")
    subject = _choose(token.memo, draw)
    author, other = draw.person(), draw.person()
    company = f"{draw.one(PROJECTS).title()} {draw.one(_TRADES)}"
    created_at = _workday(draw.before(240))
    modified_at = _later(draw, created_at, token.created_at)
    said = _Said(draw, author, other, company, modified_at)
    title = _title(draw, subject, modified_at)
    first, *others = (said.fill(sentence) for sentence in draw.shuffled(subject.sentences)[:3])
    paragraphs = (f"{said(_OPENINGS)} {first}", " ".join(others))
    header = tuple(draw.one(names) for names in subject.columns)
    rows = tuple(subject.row(draw) for _ in range(draw.number(6, 9)))
    points = tuple(said.fill(p) for p in draw.shuffled(_POINTS)[: draw.number(3, 5)])
    return Draft(
        title=title,
        company=company,
        author=author.name,
        editor=draw.one((author.name, author.name, other.name)),
        created_at=created_at,
        modified_at=modified_at,
        minutes=draw.number(11, 460),
        revision=draw.number(2, 38),
        paragraphs=paragraphs,
        header=header,
        rows=rows,
        heading=draw.one(_HEADINGS),
        points=points,
        note=said(_NOTES),
        accent="".join(f"{draw.number(0x10, 0x90):02X}" for _ in range(3)),
        fonts=draw.one(_FONTS),
        serial=draw.text(HEX, 64),
    )


def file_stem(draft: Draft, token: Token, site: Site) -> str:
    """Return what such a file is called, without its ending."""
    draw = Draw(token, site, "file name")
    day = draw.one(("", f"{draft.modified_at:%Y-%m-%d}", f"v{draw.number(1, 9)}", "final", "new"))
    words = re.sub(r"[^A-Za-z0-9]+", " ", draft.title).split() + ([day] if day else [])
    stem = draw.one((" ", "_", "-")).join(words)
    return draw.one((stem, stem, stem.lower()))


class _Said:
    """Fills in what sentences leave open."""

    def __init__(
        self, draw: Draw, author: Person, other: Person, company: str, at: datetime
    ) -> None:
        self._draw = draw
        self._known = {
            "author": author.name,
            "other": other.name,
            "company": company,
            "project": draw.one(PROJECTS).title(),
            "year": str(at.year),
        }
        self._at = at

    def __call__(self, sentences: tuple[str, ...]) -> str:
        return self.fill(self._draw.one(sentences))

    def fill(self, sentence: str) -> str:
        """Return a sentence of ours with everything filled in."""
        ago, ahead = self._draw.number(2, 40), self._draw.number(8, 90)
        form = self._draw.one(("%d %B", "%d %b %Y", "%d.%m.%Y", "%A, %d %B"))
        return sentence.format(
            **self._known,
            team=self._draw.one(_TEAMS),
            when=format(_workday(self._at - timedelta(days=ago)), form),
            later=format(_workday(self._at + timedelta(days=ahead)), form),
        )


def _workday(at: datetime) -> datetime:
    return at - timedelta(days=max(0, at.weekday() - 4))


def _choose(memo: str, draw: Draw) -> _Subject:
    """Return the subject that a word of the memo names, else a drawn one."""
    drawn = draw.one(_SUBJECTS)
    words = re.findall(r"\w+", memo.lower())
    for subject in _SUBJECTS:
        beginnings = tuple(b for b in subject.words.split("|") if len(b) > 3)
        exact = {b for b in subject.words.split("|") if len(b) <= 3}
        if any(word.startswith(beginnings) or word in exact for word in words):
            return subject
    return drawn


def _title(draw: Draw, subject: _Subject, at: datetime) -> str:
    title, project = draw.one(subject.titles), draw.one(PROJECTS).title()
    quarter = f"Q{(at.month + 2) // 3} {at.year}"
    forms = (
        f"{title} {at.year}",
        f"{title} {project}",
        f"{project}: {title}",
        f"{title} {quarter}",
    )
    return draw.one((*forms, f"{title} {draw.one(_TEAMS)}"))


def _later(draw: Draw, start: datetime, end: datetime) -> datetime:
    """Return a working moment after `start`, on its day or before that of `end`."""
    days = max((end - start).days - 1, 0)
    at = max(start, _workday(start + timedelta(days=draw.number(0, days))))
    if days == 0 or at.date() == start.date():
        return min(start + timedelta(minutes=draw.number(12, 170)), end)
    return at.replace(hour=draw.number(8, 17), minute=draw.number(0, 59))
