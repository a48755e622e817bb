"""Every kind of notice has all of its templates, and none of them can fail."""

import re
from dataclasses import fields
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from application.processes.notifications import KINDS
from infrastructure.messages import templates
from infrastructure.messages.templates import (
    FOLDER,
    FORMS,
    LONGEST_SMS,
    LONGEST_SUBJECT,
    Facts,
    words,
)

FULL = Facts(
    name="Ana Silva",
    person="Ben Otieno",
    other="Cleo Marsh",
    role="nurse",
    unit="Ward 1",
    when="2026-12-01 22:00 – 06:00 (Europe/Berlin)",  # noqa: RUF001 - a dash between times
    reason="The kitchen is flooded.",
    places=2,
    lines=("Ana Silva: 42 h of 40 h",),
)
anything = st.text(max_size=300)
each_kind = pytest.mark.parametrize("kind", sorted(KINDS))


class Reader(HTMLParser):
    """What a reader sees, and the tags that make it."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_there_is_a_folder_for_every_kind_and_none_besides():
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders == KINDS
    assert len(KINDS) >= 11


@each_kind
def test_a_kind_has_every_form(kind):
    assert {path.name for path in (FOLDER / kind).iterdir()} == set(FORMS)


@each_kind
def test_every_form_tells_what_it_is_about(kind):
    told = words(kind, FULL)
    for form in (told.subject, told.text, Reader(told.html).text, told.sms):
        if FULL.lines[0] not in told.text:
            assert FULL.role in form
            assert FULL.when in form
    assert told.text.startswith("Hello Ana Silva,\n")
    assert "Hello Ana Silva," in told.html
    assert "{" not in told.subject + told.text + told.html + told.sms


@each_kind
def test_it_reads_well_when_nothing_is_known(kind):
    told = words(kind, Facts())
    assert told.text.startswith("Hello,\n")
    assert told.subject
    assert "None" not in told.subject + told.text + told.html + told.sms


@each_kind
def test_nothing_that_is_told_becomes_html(kind):
    plain = Reader(words(kind, FULL).html).tags
    evil = ["<script>alert(1)</script>&"] * 7
    told = words(kind, Facts(*evil, places=2, lines=("<script>",)))
    assert Reader(told.html).tags == plain
    assert "<script>" not in told.html


@given(
    st.sampled_from(sorted(KINDS)),
    st.builds(
        Facts,
        *[anything] * 7,
        places=st.integers(0, 1000),
        lines=st.lists(anything, max_size=3).map(tuple),
    ),
)
def test_whatever_is_told_the_templates_take_it(kind, facts):
    told = words(kind, facts)
    assert told.subject == " ".join(told.subject.split())
    assert 0 < len(told.subject) <= LONGEST_SUBJECT
    assert told.sms == " ".join(told.sms.split())
    assert 0 < len(told.sms) <= LONGEST_SMS
    assert told.html.startswith("<!DOCTYPE html>")


def test_one_place_and_several_are_told_in_words_that_fit():
    assert words("shift.open", Facts(places=1)).subject.startswith("A place is open")
    assert words("shift.open", Facts(places=3)).subject.startswith("3 places are open")


def test_a_name_that_is_not_known_would_be_noticed():
    with pytest.raises(UndefinedError):
        templates._environment().from_string("{{ nobody }}").render()


def test_no_template_is_without_a_place_for_names_of_facts():
    known = {field.name for field in fields(Facts)}
    named = set()
    for path in (path for path in FOLDER.rglob("*") if path.is_file()):
        named |= set(re.findall(r"{{ (\w+)", path.read_text()))
    assert named <= known | {"shift", "line"}
    assert len(named) >= 6
