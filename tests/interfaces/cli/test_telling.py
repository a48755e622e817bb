from interfaces.cli.telling import progress


def test_where_there_is_no_terminal_a_bar_leaves_nothing_behind(capfd):
    with progress("verifying shifts") as on_progress:
        on_progress(1, 2)
    assert capfd.readouterr() == ("", "")


def test_in_a_terminal_it_tells_how_far_it_is(capfd, monkeypatch):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with progress("verifying shifts") as on_progress:
        on_progress(2, 2)
    assert "2/2" in capfd.readouterr().err
