"""Values that are kept as the JSON they came as."""

import json


def same_json(one: object, other: object) -> bool:
    """Whether both are written alike; in Python alone, true is 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
