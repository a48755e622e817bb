"""What the tests of this folder share."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[3]


@contextmanager
def new_folder():
    """Short, and unlike tmp_path one that Postgres' unprivileged user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="opstream-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def python(*args, **options):
    """A Python process that finds this repository and treats warnings as errors."""
    command = [sys.executable, "-W", "error", *map(str, args)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def eventually(condition, seconds=2.0):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def query(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


def remember(url, word):
    query(url, "DROP TABLE IF EXISTS words")
    query(url, f"CREATE TABLE words AS SELECT '{word}' AS word")


def remembered(url):
    return [word for (word,) in query(url, "SELECT word FROM words ORDER BY word")]
