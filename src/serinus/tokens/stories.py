"""What believable files are about: a subject, people, sentences and a table, drawn per token.

Rules:
- A word of the memo may choose the subject, and nothing else of it enters a file.
- Sentences are drawn: `[a|b]` is one of these, `{other}` somebody or something of the file. No
  more than three words in a row are ever the same; who, when and what agree within one file.
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


TRADES = _listed(
    "Advisory|Analytics|Capital|Components|Consulting|Controls|Energy|Engineering|Finance|Foods|"
    "Freight|Group|Healthcare|Holdings|Industries|Instruments|Insurance|Labs|Logistics|Marine|"
    "Materials|Networks|Optics|Partners|Pharma|Properties|Renewables|Retail|Robotics|Services|"
    "Software|Solutions|Systems|Technologies|Textiles|Tools|Trading|Transport|Ventures"
)
TEAMS = _listed(
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
NOTES = (
    "{company} [–|-|·|, |/] [internal|confidential|for internal use|not public]",
    "[Internal|Confidential|Restricted|For internal use] [·|–|-|/] {team}",
    "{team} [·|–|-|:] [not for distribution|do not forward|working copy|own use]",
    "[©|(c)|Copyright] {year} {company}",
    "{company}[,|/| –] {team}",
    "[Confidential|Internal|Restricted] [–|-|·] {team}[,|] {year}",
    "[Prepared by|Made by|Maintained by|By|Contact:] {author} [·|–|-|/] {team}",
)
OPENINGS = (
    "[This is|Below is|Here you find|Attached is] the [state|picture|position] "
    "[of|as of|on] {when}; [ask|check with|speak to] {other} [in|from|at] {team} before you "
    "[change|edit|touch|move] [anything here|a line|any of it|these lines].",
    "{other} and {author} [went through|checked|reviewed|walked through] [the list|this|the lines"
    "|the table] [below |]on {when}.",
    "{author} [keeps|maintains|holds|has kept] [this|the list|the table] [up to date|current"
    "|in order] [for|on behalf of] {team}[. The last|; the most recent|, and the latest] "
    "[check|look|pass|round] [was|took place] on {when}.",
    "[Please do not|Do not|You should not] [pass this on|forward this|share this|print this]: "
    "[it is|this was] [meant|made|written] for {team} [and|and for|and also] {other}[| "
    "alone| only].",
    "[As agreed|As discussed|As settled|As promised] [with|between us and] {other} on {when}, "
    "[everything|all of it|the whole list] [is|stays|sits] [in one place|together|in this file] "
    "[from now on|from here on|now|for good].",
    "[Version|Copy|Extract|Edition] for {other}[, as asked for|, requested|, wanted|, as needed] "
    "[on|by] {when}; {team} [has|keeps|holds] [the older|earlier|the previous|all former] "
    "[ones|versions|copies].",
    "[Last changed|Updated|Corrected|Amended] [on|as of] {when} [by|with] {other}[|, {team}].",
    "[Notes|Remarks|Hints] [by|from] {other} [are|were] [worked in|added|included] on {when}.",
)
POINTS = (
    "{other} [confirms|checks|closes|settles] [the open|the missing|all remaining|the last] "
    "[lines|rows|entries] [by|until|before|no later than] {later}",
    "{team} [gets|receives|is sent|is given] [a copy|the result|the final list|a print] "
    "[once|after|when|as soon as] {author} [has signed|signs|has approved|approves] [it|this]",
    "[Next|The next|Another|Second] [review|look|check|pass] [with|by|together with] {other} "
    "[on|is on|around|near] {later}",
    "[Send|Give|Report|Mail] [corrections|mistakes|changes|errors] to {author}[, not to|, "
    "and not to"
    "| rather than to| instead of] [the whole group|everybody|all|the list]",
    "[Replace|Refresh|Swap|Renew] [this file|this copy|the list] [in the|on the] [shared|common"
    "|usual] [folder|drive|area] of {team} [after|by|on] {later}",
    "{other} is [on leave|away|travelling|out] [until|till|up to] {later}; {author} "
    "[stands in|takes over|covers|helps out]",
    "[Open questions|Anything unclear|Doubts|Open items] [go|move|pass] to [the meeting|a "
    "call|the call"
    "|the round|the next round] [of|with|in] {team} [on|of|after] {later}",
    "[Ask|Remind|Press|Chase] {team} [for|about] the [figures|numbers|values|data] [that "
    "are|which are"
    "|] [still missing|not in yet|open|to come]",
    "{author} [archives|files|stores|puts away] the [previous|old|former|last] [version|copy|one] "
    "[on|after|by] {later}",
    "{team} and {other} [compare|match|align] [their|both|the two] [lists|copies|versions] "
    "[by|on|before] {later}",
    "[Delete|Drop|Clear|Strike] [what|whatever|lines that] {other} [no longer|does not] "
    "[needs|uses|wants]",
    "[Tell|Inform|Brief|Update] {team} [by|on|around] {later}[, then|, and] [close|finish|stop] "
    "[here|this]",
)
HEADINGS = (
    *("Next steps", "To do", "Open points", "Follow-up", "What is left", "Actions", "Remarks"),
    *("Agreed", "Still open", "Notes", "Further steps", "Please note", "Pending", "Tasks"),
    *("Outstanding", "Action items", "Comments", "Who does what", "Loose ends", "Reminders"),
)

_CHOICE = re.compile(r"\[([^\]]*)\]")

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
    return draw.person().name, draw.one(TEAMS), base, f"{raise_ / 10:.1f} %", new


SUBJECTS = (
    _Subject(
        "password|passwort|login|credential|access|account|secret|vault|admin",
        ("Access data", "Passwords", "Service accounts", "Logins", "Emergency access", "Accounts"),
        (
            "[The accounts|Accounts|All logins|The entries] [below|listed here|in this table] "
            "[still work|are valid|are live|are in use]; [those that|what|whatever] [were replaced"
            "|was retired|got closed] [are gone|has left|is out].",
            "[Change|Update|Correct|Enter] [a password|the secret|new values] [here|in this list] "
            "[in the same hour|at once|right away|the same day] [when|if|in case] it [is changed"
            "|changes|is new] [on the system|over there|at the source].",
            "{project} [moves to|switches to|gets|goes over to] [single sign-on|SSO|central login] "
            "[after|from|around] {later}[, and until then|; up to that day|; before that] [these"
            "|the entries|the accounts] [stay|remain|are kept] [in use|valid|as they are].",
            "[Shared|Common|Group] [accounts|logins|users] are [for emergencies|a last resort"
            "|an exception]; [whoever|anybody who|everyone who] [uses|needs|takes] one "
            "[tells|informs|writes to|calls] {other} [on the same day|at once|afterwards].",
            "[The passwords|Passwords|All secrets|The keys] of {project} are [rotated|renewed"
            "|changed|replaced] [with|by|at] the [next|coming|following] [release|update|window]"
            "[, by|; ask| –] {other}.",
            "[Two factors|A second factor|Hardware keys] [follow|come|arrive] [for|with] {project} "
            "[after|by|around] {later}.",
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
            "[The increases|Increases|All raises|These changes] are [budgeted|planned|in the budget"
            "|accounted for] but [not yet|still not] [announced|public|communicated]; [letters"
            "|the letters|notices] [go out|are sent|follow] [after|around|by] {later}.",
            "{other} has [approved|accepted|signed|seen] [all lines|all rows|everything|all] but "
            "[those|the ones|the part] of {team}, [which follow|due|to follow|expected] "
            "[on|by|around] {later}.",
            "[Bonuses|Extras|One-off payments|Allowances] are [paid apart|handled elsewhere"
            "|treated separately] and [are not|were never|are no] part of [this table|this list"
            "|these lines].",
            "[Figures|Amounts|Numbers|All values] are [gross|before tax] [per year|a year|annual]; "
            "[part-time|partial|reduced] [contracts|positions|hours] are [shown|listed|given] "
            "[as full-time|at full time|scaled up].",
            "[Please keep|Keep|Leave] [this|the list|all of it] out of [mails and chats|e-mail"
            "|chats|tickets] [until|before|up to] {later}.",
            "{team} [checks|compares|verifies] [the totals|sums|all totals] [again|once more] "
            "[on|by|before] {later}.",
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
            "{project} [starts|begins|kicks off|goes ahead] [as planned|on time|as scheduled]; the "
            "[date|day|time] [of|for] the [announcement|press note|launch] is [still|now] {later}.",
            "[The budget|Funding|The money] [of|for] {project} [covers|includes|pays for] [what is"
            "|everything|the work] [listed|below|shown here][, and no|, but no|, not a] [second"
            "|further|new] [supplier|contractor|partner].",
            "[Nothing|No part|Not a line] of this [has been|was] [shared|discussed|agreed] with "
            "[customers|clients|partners] [or with|or|nor with] [the press|outsiders|analysts].",
            "{other} [leads|runs|steers|heads] {project} until [the handover|it passes|the change] "
            "to {team} [on|around|near] {later}.",
            "[The board|Management|The committee] of {company} [sees|hears of|discusses|gets] "
            "[this plan|these steps|the draft] [on|around] {later} [for the first time|first"
            "|as item two|in short].",
            "[Risks|Dependencies|Assumptions] of {project} are [kept|listed|tracked] [elsewhere"
            "|apart|by {other}].",
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
            "[Conditions|Prices|Terms|All terms] are [confidential|secret|private] [on both sides"
            "|for either side|both ways][, and no|; no] [supplier|vendor|partner] [sees"
            "|knows|gets] "
            "[those|the ones|terms] of [another|others|the rest].",
            "[Contracts|Agreements|Deals] that [end|run out|expire|lapse] before {later} are "
            "[negotiated|renewed|handled|taken up] [by|with] {other}.",
            "[The volume|Spending|The share] of {project} is [counted|shown|included] here, but "
            "[not paid|never booked|not charged] [from|against|to] [this budget|our budget|us].",
            "{team} [has|keeps|holds|stores] the [signed|original|paper] [copies|documents|ones]; "
            "[scans|images|copies] [are in|went to|lie in] the [archive|files|records] of "
            "{company}.",
            "[Discounts|Rebates|Reductions] [count|apply|are due] from the [volume|total"
            "|amount] of "
            "[the last|the previous|last] year [on|onwards].",
            "{other} [talks|speaks|negotiates] [again|once more] with [the largest|two of them"
            "|the first] [by|around] {later}.",
        ),
        (
            ("Supplier", "Partner", "Company", "Vendor"),
            ("Contract", "Number", "Reference"),
            ("Per year", "Annual value", "Volume"),
            ("Ends", "Renewal", "Valid until"),
        ),
        lambda draw: (
            f"{draw.person().last} {draw.one(TRADES)}",
            f"{draw.text('ABCDEFGHKLMNPRSTUVWX', 2)}-{draw.number(10000, 99999)}",
            draw.number(12, 900) * 1000,
            _day(draw),
        ),
    ),
    _Subject(
        "network|server|host|firewall|vpn|infrastructure|backup|netz|ip",
        ("Network plan", "Server list", "Address plan", "Inventory", "Hosts", "Infrastructure"),
        (
            "[Addresses|Ranges|Numbers] [outside of|not on|beyond] [this list|the table|the plan] "
            "are [free|unused|open|reserved] [until|up to|before] {later}.",
            "{project} has [its own|a separate|a private] [network|segment|range][, and|; "
            "it|, but] "
            "[reaches|sees|talks to] [the others|the rest] [through|via|by] [the jump host"
            "|a bastion|a gateway|one hop].",
            "[Maintenance|Patching|The window|Downtime] is on {later} [from|after] [20:00"
            "|19:30|21:00"
            "|22:00] [on|onwards]; {other} is [on call|on duty|reachable|around].",
            "[The backup|The storage|The management] [network|segment|range] is [not routed"
            "|isolated|closed]; [ask|call|write to] {other} [for|about] [the console|access"
            "|a way in].",
            "[Firewall rules|Rules|Filters|Exceptions] are [documented|listed|kept|explained] by "
            "{team}[, by|, under|; see] the [number|name] of the [host|machine|system].",
            "[Names|Aliases|Records] [follow|change|move] [after|with|by] {later}[, as|; "
            "that is what"
            "|, so] {other} [asked|wants|decided].",
        ),
        (
            ("Host", "Name", "Server"),
            ("Address", "IP", "IPv4"),
            ("Purpose", "Role", "Used for"),
            ("Admin", "Contact", "Owner"),
        ),
        lambda draw: (_host(draw), _address(draw), draw.one(TEAMS), draw.person().name),
    ),
)


def tell_story(token: Token, site: Site) -> Draft:
    """Return what a file of the token says, the same each time."""
    draw = Draw(token, site, "story")
    subject = _choose(token.memo, draw)
    author, other = draw.person(), draw.person()
    company = f"{draw.one(PROJECTS).title()} {draw.one(TRADES)}"
    created_at = _workday(draw.before(240))
    modified_at = _later(draw, created_at, token.created_at)
    said = _Said(draw, author, other, company, modified_at)
    title = _title(draw, subject, modified_at)
    first, *others = (said.fill(sentence) for sentence in draw.shuffled(subject.sentences)[:3])
    paragraphs = (f"{said(OPENINGS)} {first}", " ".join(others))
    header = tuple(draw.one(names) for names in subject.columns)
    rows = tuple(subject.row(draw) for _ in range(draw.number(6, 9)))
    points = tuple(said.fill(p) for p in draw.shuffled(POINTS)[: draw.number(3, 5)])
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
        heading=draw.one(HEADINGS),
        points=points,
        note=said(NOTES),
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
        """Return a sentence of ours with everything chosen and filled in."""
        sentence = _CHOICE.sub(lambda found: self._draw.one(found[1].split("|")), sentence)
        ago, ahead = self._draw.number(2, 40), self._draw.number(8, 90)
        form = self._draw.one(("%d %B", "%d %b %Y", "%d.%m.%Y", "%A, %d %B"))
        return sentence.format(
            **self._known,
            team=self._draw.one(TEAMS),
            when=format(_workday(self._at - timedelta(days=ago)), form),
            later=format(_workday(self._at + timedelta(days=ahead)), form),
        )


def _workday(at: datetime) -> datetime:
    return at - timedelta(days=max(0, at.weekday() - 4))


def _choose(memo: str, draw: Draw) -> _Subject:
    """Return the subject that a word of the memo names, else a drawn one."""
    drawn = draw.one(SUBJECTS)
    words = re.findall(r"\w+", memo.lower())
    for subject in SUBJECTS:
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
    return draw.one((*forms, f"{title} {draw.one(TEAMS)}"))


def _later(draw: Draw, start: datetime, end: datetime) -> datetime:
    """Return a working moment after `start`, on its day or before that of `end`."""
    days = max((end - start).days - 1, 0)
    at = max(start, _workday(start + timedelta(days=draw.number(0, days))))
    if days == 0 or at.date() == start.date():
        return min(start + timedelta(minutes=draw.number(12, 170)), end)
    return at.replace(hour=draw.number(8, 17), minute=draw.number(0, 59))
