"""What can go wrong before the system runs.

StartupFailed
└── DataFolderBusy
"""


class StartupFailed(Exception):  # noqa: N818  a refusal reads as a sentence
    """The system can't start; the message is for the person at the terminal."""


class DataFolderBusy(StartupFailed):
    """Another process already works in this data folder."""
