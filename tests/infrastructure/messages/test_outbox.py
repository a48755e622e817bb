"""The development outbox: a folder of readable files."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from application.processes.channels import OutgoingMessage
from infrastructure.messages.outbox import Outbox

MOMENT = datetime(2026, 11, 21, 8, 0, 0, 5, tzinfo=UTC)


def message(key="7-ana", **changed):
    values = {
        "key": key,
        "address": "ana@example.test",
        "subject": "Please answer",
        "text": "You are asked.",
        "created_at": MOMENT,
    }
    return OutgoingMessage(**values | changed)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "not" / "there" / "yet"


async def test_a_message_is_a_file_that_can_be_read(folder):
    await Outbox(folder).send(message())
    (file,) = folder.iterdir()
    assert file.name == "20261121T080000.000005Z-7-ana.txt"
    assert file.read_text() == ("To: ana@example.test\nSubject: Please answer\n\nYou are asked.\n")


async def test_its_html_stands_beside_it(folder):
    await Outbox(folder).send(message(html="<p>You are asked.</p>"))
    html, text = sorted(folder.iterdir())
    assert (html.stem, html.suffix, text.suffix) == (text.stem, ".html", ".txt")
    assert html.read_text() == "<p>You are asked.</p>"


async def test_a_text_message_has_a_number_and_no_subject(folder):
    await Outbox(folder, "sms").send(message(address="+4930123", subject=""))
    (file,) = folder.iterdir()
    assert file.name == "20261121T080000.000005Z-7-ana-sms.txt"
    assert file.read_text() == "To: +4930123\n\nYou are asked.\n"


async def test_a_repeated_message_replaces_itself(folder):
    await Outbox(folder).send(message())
    await Outbox(folder).send(message())
    assert len(list(folder.iterdir())) == 1


async def test_different_messages_of_one_moment_do_not_replace_each_other(folder):
    await Outbox(folder).send(message("7-ana"))
    await Outbox(folder).send(message("7-ben"))
    assert len(list(folder.iterdir())) == 2


async def test_names_sort_by_time_in_whatever_zone(folder):
    later = (MOMENT + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-9)))
    await Outbox(folder).send(message("1-later", created_at=later))
    await Outbox(folder).send(message("2-first"))
    assert [file.name[-11:] for file in sorted(folder.iterdir())] == ["2-first.txt", "1-later.txt"]


async def test_a_key_can_not_leave_the_folder_and_a_subject_can_not_add_headers(folder):
    await Outbox(folder).send(message("../../x", subject="a\r\nTo: somebody@else.test"))
    (file,) = folder.iterdir()
    assert file.read_text().splitlines()[1] == "Subject: a To: somebody@else.test"


async def test_what_can_not_be_written_is_an_error_and_leaves_nothing(folder):
    folder.mkdir(parents=True)
    (folder / "20261121T080000.000005Z-7-ana.txt").mkdir()
    with pytest.raises(OSError, match="directory"):
        await Outbox(folder).send(message())
