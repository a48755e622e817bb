"""The test cases that the eventsourcing library ships for whoever writes a recorder.

Their module also holds cases for its cipher, and so asks for a package that nothing here needs: an
empty cipher stands in while it is imported.
"""

import importlib
import sys
from types import ModuleType
from unittest.mock import patch

_no_cipher = ModuleType("eventsourcing.cipher")
_no_cipher.AESCipher = object

with patch.dict(sys.modules, {"eventsourcing.cipher": _no_cipher}):
    cases = importlib.import_module("eventsourcing.tests.persistence")
