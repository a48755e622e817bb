"""The Prometheus metrics of a process, in one place so that their names read as one list.

What waits in the whole system is not counted here but read: `infrastructure.backlog`.
"""

from functools import cache

from prometheus_client import Counter, Histogram

_FAST = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 5)

COMMANDS = Counter("opstream_commands", "Commands by name and outcome.", ["command", "outcome"])
COMMAND_SECONDS = Histogram(
    "opstream_command_seconds", "Time of a command, retries included.", ["command"], buckets=_FAST
)
command_counted = cache(COMMANDS.labels)
"""By name and outcome. `labels` takes a lock and makes strings anew; a command does so once."""
command_seconds = cache(COMMAND_SECONDS.labels)
COMMAND_RETRIES = Counter("opstream_command_retries", "Commands decided anew after a conflict.")
REQUEST_SECONDS = Histogram(
    "opstream_request_seconds",
    "Time of an HTTP request.",
    ["method", "route", "status"],
    buckets=_FAST,
)
request_seconds = cache(REQUEST_SECONDS.labels)
"""By method, route and status, none of which a stranger can make up."""
APPEND_BATCH = Histogram(
    "opstream_append_batch_commands",
    "Commands in one append to the log.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
CONFLICTS = Counter("opstream_append_conflicts", "Commands whose version was taken in the log.")
READ_WAIT_SECONDS = Histogram(
    "opstream_read_wait_seconds", "Time an answer waited for the read models.", buckets=_FAST
)
READ_WAIT_GIVEN_UP = Counter(
    "opstream_read_wait_given_up", "Answers given before the read models showed the command."
)
PROJECTED_EVENTS = Counter("opstream_projected_events", "Events folded into the read models.")
PARKED_EVENTS = Counter("opstream_parked_events", "Events parked because a handler raised.")
PARKED_MESSAGES = Counter(
    "opstream_parked_messages", "Events parked because a consumer's handler raised.", ["consumer"]
)
RELAYED_EVENTS = Counter("opstream_relayed_events", "Events acknowledged by NATS.")
CONSUMED_EVENTS = Counter("opstream_consumed_events", "Events taken by a consumer.", ["consumer"])
CONSUMER_GAPS = Counter(
    "opstream_consumer_gaps", "Gaps a consumer saw in the stream.", ["consumer"]
)
DELIVERY_ATTEMPTS = Counter(
    "opstream_delivery_attempts",
    "Notifications tried, by channel and outcome.",
    ["channel", "outcome"],
)
IMPORTS = Counter("opstream_imports", "Imports that have ended, by how.", ["state"])
RESTARTS = Counter("opstream_restarts", "Parts of a worker run again after a failure.", ["part"])
JOB_RUNS = Counter("opstream_job_runs", "Attempts at slots of jobs.", ["job", "outcome"])
JOB_SECONDS = Histogram(
    "opstream_job_seconds",
    "Time of an attempt.",
    ["job"],
    buckets=(0.05, 0.2, 1, 5, 20, 60, 300, 1800),
)
