"""In a second terminal, the commands find the database of the `opstream serve` that runs."""

import pytest


def test_the_database_of_a_running_data_folder_is_used(opstream, engines):
    folder = engines.data_dir
    assert opstream("migrate", "--data-dir", folder).code == 0
    assert opstream("migrate", DATA_DIR=folder).out.startswith("up to date")
    ended = opstream("replay", "00000000-0000-4000-8000-000000000001", "--data-dir", folder)
    assert "There is no aggregate" in ended.err


def test_a_database_that_is_set_goes_first(opstream, engines):
    nowhere = "postgresql://opstream@127.0.0.1:1/opstream"
    ended = opstream("verify", "--data-dir", engines.data_dir, DATABASE_URL=nowhere)
    assert "The database can't be reached" in ended.err


@pytest.mark.parametrize("command", ["migrate", "verify", "rebuild"])
def test_a_folder_without_a_database(command, opstream, tmp_path):
    ended = opstream(command, "--data-dir", tmp_path)
    assert ended.code == 2
    assert ended.err == (
        "opstream: OPSTREAM_DATABASE_URL is not set; set it, or use `opstream serve`.\n"
    )


def test_a_folder_whose_server_does_not_run(opstream, tmp_path):
    (tmp_path / "postgres.json").write_text('{"password": "secret", "port": "1"}')
    ended = opstream("verify", "--data-dir", tmp_path)
    assert ended.code == 2
    assert ended.err.startswith("opstream: The database can't be reached: ")
    assert "secret" not in ended.err
