"""``python -m interfaces.workers [ROLE …]``: one worker, as `serve` starts it."""

import sys

from infrastructure.settings import read_settings
from interfaces.starting import told_in_one_line
from interfaces.workers.main import start

with told_in_one_line():
    start(read_settings(), sys.argv[1:] or None)
