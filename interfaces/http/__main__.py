"""``python -m interfaces.http [FD]``: one API process, as `serve` starts it."""

import socket
import sys

from infrastructure.settings import read_settings
from interfaces.http.main import run_api
from interfaces.starting import told_in_one_line

with told_in_one_line():
    listener = socket.socket(fileno=int(sys.argv[1])) if len(sys.argv) > 1 else None
    run_api(read_settings(), listener)
