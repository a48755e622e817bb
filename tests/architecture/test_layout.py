"""What import-linter can't say about the tree."""

import ast
import re
import sys

import pytest

from tests.architecture.code import LAYERS, files_of, imports_of, name_of, names_used_in

LONGEST = 250
"""Lines; a file that grows past it has two subjects."""
SENTENCE = re.compile(r"[.!?…](?=\s|$)")
CHANCE_AND_CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.monotonic",
    "monotonic",
    "uuid1",
    "uuid4",
    "random.random",
    "random.choice",
    "random.uniform",
    "secrets.token_hex",
    "os.environ",
}


def packages():
    return [file for file in files_of(*LAYERS) if file.name == "__init__.py"]


def test_the_domain_imports_itself_the_standard_library_and_the_librarys_domain_only():
    files = files_of("domain")
    assert len(files) >= 20
    for file in files:
        for module in imports_of(file):
            top = module.split(".")[0]
            allowed = top == "domain" or module == "eventsourcing.domain"
            assert allowed or top in sys.stdlib_module_names, f"{name_of(file)} imports {module}"


def test_the_application_knows_no_framework():
    files = files_of("application")
    assert len(files) >= 12
    for file in files:
        for module in imports_of(file):
            top = module.split(".")[0]
            # What days a recurrence rule names is what its library is for.
            recurrence = {"dateutil"} if file.name == "recurrence.py" else set()
            allowed = {"domain", "application", *recurrence, *sys.stdlib_module_names}
            assert top in allowed, f"{name_of(file)} imports {module}"


@pytest.mark.parametrize("folder", ["domain", "projections"])
def test_nothing_here_depends_on_the_clock_or_on_chance(folder):
    files = files_of(folder)
    assert len(files) >= 10
    for file in files:
        found = names_used_in(file) & CHANCE_AND_CLOCKS
        assert not found, f"{name_of(file)} uses {', '.join(found)}"


@pytest.mark.parametrize("file", packages(), ids=name_of)
def test_a_package_says_in_one_to_three_sentences_what_lives_there(file):
    tree = ast.parse(file.read_text())
    docstring = ast.get_docstring(tree)
    assert docstring, "says nothing"
    assert len(tree.body) == 1, "holds something else"
    assert 1 <= len(SENTENCE.findall(docstring)) <= 3


def test_there_are_packages():
    assert len(packages()) >= 20


def test_no_file_has_two_subjects():
    files = files_of(*LAYERS)
    assert len(files) >= 90
    lengths = {name_of(file): len(file.read_text().splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_file_opens_with_what_it_is_about():
    files = files_of(*LAYERS)
    assert len(files) >= 90
    silent = [name_of(f) for f in files if not ast.get_docstring(ast.parse(f.read_text()))]
    assert silent == []
