"""The words of each notice: a folder of templates per kind, one for each form.

``subject.txt`` is one line; ``text.txt`` the plain text and ``body.html`` the HTML of a mail, whose
values are escaped; ``sms.txt`` one short line. Every template has all of `Facts` to speak of, as
texts that may be empty, so that none can fail on what it is told: a name that is not known is
already a mistake when the templates are tested.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

FOLDER = Path(__file__).parent / "templates"
SUBJECT, TEXT, HTML, SMS = FORMS = ("subject.txt", "text.txt", "body.html", "sms.txt")
LONGEST_SUBJECT = 200
LONGEST_SMS = 320
"""Characters; a provider cuts a longer one into many."""


@dataclass(frozen=True)
class Facts:
    """`name` is the reader's, `person` whom it is about, `other` who else has to do with it; the
    name of somebody who is not known any more is empty.
    """

    name: str = ""
    person: str = ""
    other: str = ""
    role: str = ""
    unit: str = ""
    when: str = ""
    reason: str = ""
    places: int = 0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    subject: str
    text: str
    html: str
    short: str
    """One line, for the application; `sms` is as much of it as a text message takes."""

    @property
    def sms(self) -> str:
        return _cut(self.short, LONGEST_SMS)


def words(kind: str, facts: Facts) -> Words:
    """Raises jinja2.TemplateNotFound for a kind that has no templates."""
    told = {field.name: getattr(facts, field.name) for field in fields(facts)}
    subject, text, html, short = (
        _environment().get_template(f"{kind}/{form}").render(told) for form in FORMS
    )
    one_line = _cut(_one_line(subject), LONGEST_SUBJECT)
    return Words(one_line, text.strip(), html.strip(), _one_line(short))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _one_line(text: str) -> str:
    """A subject must not become two headers."""
    return " ".join(text.split())


def _cut(line: str, longest: int) -> str:
    return line if len(line) <= longest else line[: longest - 1] + "…"
