"""The parts of the bench that could lie without anybody noticing: counting and dividing."""

from types import SimpleNamespace

import pytest

from tests.bench.client import BEHIND, LOST_CONNECTION, Client, Clock, content_length
from tests.bench.load import LoadPlan, LoadResult, drive, percentile
from tests.bench.paced import Pace, PacedClient
from tests.bench.parts import log_size
from tests.bench.requests import Requests
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


def test_in_an_open_loop_an_answer_belongs_to_when_its_request_was_due():
    clock = Clock(warmup=1.0, seconds=2.0, max_requests=100, by_due=True)
    clock.measure_from, clock.stop_at = 10.0, 12.0
    for due, arrived in ((9.9, 10.5), (10.0, 10.1), (11.9, 14.0), (12.0, 12.1)):
        clock.record(201, due, arrived)
    assert clock.latencies == pytest.approx([0.1, 2.1])


async def test_an_answer_that_reads_do_not_show_is_no_success():
    clock = Clock(0.0, 10.0, 100)
    client = Client(clock, Requests("GET", "http://here", ("/",), {}))
    client.transport = SimpleNamespace(write=lambda _request: None, close=lambda: None)
    clock.start()
    for extra in (b"opstream-reads: behind\r\n", b""):
        client.send_next()
        client.data_received(b"HTTP/1.1 201 Created\r\n" + extra + b"content-length: 2\r\n\r\n")
        client.data_received(b"{}")
    assert clock.statuses == {BEHIND: 1, 201: 1}


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


def test_a_log_is_compared_with_the_smallest_one():
    names = {2000: "2,000 events", 1000: "1,000 events"}
    samples = [sample(names[1000], 1, 100.0), sample(names[2000], 1, 50.0, {409: 3})]
    report = log_size.report(samples, names)
    (ratio,) = report.records["ratios"]
    assert (ratio.system, ratio.base, ratio.ratio) == ("2,000 events", "1,000 events", 0.5)
    assert report.wrong == ["2,000 events, 16 clients: 3 answers with status 409"]


def test_a_course_without_systems_has_no_turns():
    assert turns(Course(1.0, 3, (1, 16)), []) == 0


@pytest.mark.bed
@pytest.mark.parametrize(("expected", "errors"), [(201, set()), (200, {201})])
def test_the_generator_drives_a_real_server(expected, errors):
    with uvicorn("tests.bench.nothing:app", {}) as url:
        result = drive(
            LoadPlan(
                Requests("POST", url, ("/",), {}, constant_body),
                clients=4,
                seconds=0.3,
                warmup_seconds=0.1,
                expected_status=expected,
            )
        )
    assert result.completed > 10
    assert set(result.errors) == errors


@pytest.mark.bed
def test_an_open_loop_keeps_its_rate_and_counts_from_when_a_request_was_due():
    with uvicorn("tests.bench.nothing:app", {}) as url:
        requests = Requests("POST", url, ("/",), {}, constant_body)
        result = drive(LoadPlan(requests, clients=8, seconds=0.5, warmup_seconds=0.1, rate=200))
    assert result.completed == 100
    assert result.commands_per_second == 200
    assert result.errors == {}


async def test_what_waits_for_a_free_client_is_late_since_it_was_due():
    clock, pace = Clock(0.0, 10.0, 100, by_due=True), Pace()
    client = PacedClient(clock, Requests("GET", "http://here", ("/",), {}), 0, pace)
    client.transport = SimpleNamespace(write=lambda _request: None)
    pace.idle.append(client)
    clock.start()
    pace.due(clock.measure_from)
    pace.due(clock.measure_from + 0.25)
    assert list(pace.waiting) == [clock.measure_from + 0.25]
    client._answered(200)
    assert client.sent_at == clock.measure_from + 0.25
    assert not pace.idle


def test_requests_go_round_their_paths():
    requests = Requests("GET", "http://here:80", ("/a", "/b"), {"x": "1"})
    assert requests(0) == b"GET /a HTTP/1.1\r\nhost: here:80\r\nx: 1\r\n\r\n"
    assert requests(3).startswith(b"GET /b HTTP/1.1\r\n")


def test_a_request_says_how_long_its_body_is():
    request = Requests("POST", "http://here", ("/a",), {}, constant_body)(0)
    assert request.endswith(b"\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
