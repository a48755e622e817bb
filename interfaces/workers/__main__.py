"""``python -m interfaces.workers [ROLE …]``: one worker, as `serve` starts it."""

import sys

from infrastructure.settings import read_settings
from interfaces.workers.main import start

start(read_settings(), sys.argv[1:] or None)
