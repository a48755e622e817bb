"""Files of shifts on their way into the log: staged by an API process, taken on by an importer."""
