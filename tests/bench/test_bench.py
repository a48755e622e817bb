"""The parts of the bench that could lie without anybody noticing: counting and dividing."""

import pytest

from tests.bench.client import LOST_CONNECTION, Clock, content_length
from tests.bench.load import LoadPlan, LoadResult, drive, percentile
from tests.bench.rounds import Course, Sample, turns
from tests.bench.servers import uvicorn
from tests.bench.summary import SUBJECT, cells, ratios


def sample(system, round_, rate, errors=None, is_limit=False):
    load = LoadResult(rate, 1.0, 2.0, int(rate), int(rate), 1.0, 0.1, errors or {})
    return Sample(system, is_limit, 16, round_, load, 0.0)


def constant_body(_n):
    return b"{}"


def test_only_answers_within_the_window_are_counted():
    clock = Clock(warmup=1.0, seconds=2.0, max_requests=100)
    clock.measure_from, clock.stop_at = 10.0, 12.0
    for arrived in (9.9, 10.5, 11.9, 12.0):
        clock.record(201, arrived - 0.1, arrived)
    clock.record(LOST_CONNECTION, 9.0, 9.5)
    assert clock.statuses == {201: 2, LOST_CONNECTION: 1}
    assert clock.latencies == pytest.approx([0.1, 0.1])


def test_percentiles_are_ranks_in_milliseconds():
    latencies = [n / 1000 for n in range(1, 101)]
    assert percentile(latencies, 0.50) == pytest.approx(51)
    assert percentile(latencies, 0.99) == pytest.approx(100)
    assert percentile([], 0.99) == 0


def test_an_answer_without_a_size_is_refused():
    assert content_length(b"HTTP/1.1 201 Created\r\nContent-Length: 17\r\nx: y") == 17
    with pytest.raises(ValueError, match="content-length"):
        content_length(b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked")


def test_the_median_round_speaks_and_the_errors_of_all_are_kept():
    (cell,) = cells([sample("a", 1, 30.0), sample("a", 2, 10.0, {500: 2}), sample("a", 3, 20.0)])
    assert (cell.commands_per_second, cell.lowest, cell.highest) == (20.0, 10.0, 30.0)
    assert cell.errors == {500: 2}


def test_a_ratio_compares_within_a_round_and_never_with_a_limit():
    (ratio,) = ratios(
        [
            sample(SUBJECT, 1, 300.0),
            sample("peer", 1, 100.0),
            sample(SUBJECT, 2, 100.0),
            sample("peer", 2, 50.0),
            sample("limit", 1, 900.0, is_limit=True),
        ]
    )
    assert (ratio.peer, ratio.ratio, ratio.lowest, ratio.highest) == ("peer", 2.5, 2.0, 3.0)


def test_a_course_without_systems_has_no_turns():
    assert turns(Course(1.0, 3, (1, 16)), []) == 0


@pytest.mark.parametrize(("expected", "errors"), [(201, set()), (200, {201})])
def test_the_generator_drives_a_real_server(expected, errors):
    with uvicorn("tests.bench.nothing:app", {}) as url:
        result = drive(
            LoadPlan(
                url + "/",
                {},
                constant_body,
                clients=4,
                seconds=0.3,
                warmup_seconds=0.1,
                expected_status=expected,
            )
        )
    assert result.completed > 10
    assert set(result.errors) == errors
