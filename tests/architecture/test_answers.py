"""How the bodies of answers are declared."""

from collections.abc import Sequence
from typing import get_args, get_origin

from pydantic import BaseModel

import interfaces.http.app  # noqa: F401 - it imports every contract


def models(kind=BaseModel):
    for model in kind.__subclasses__():
        yield model
        yield from models(model)


def parts(annotation):
    yield get_origin(annotation) or annotation
    for argument in get_args(annotation):
        yield from parts(argument)


def test_answers_hold_lists_which_are_written_in_compiled_code():
    """Pydantic writes any other sequence in Python, which takes three times as long."""
    ours = [model for model in models() if model.__module__.startswith("interfaces.http.")]
    answers = [model for model in ours if "Out" in model.__name__]
    slow = {
        f"{model.__name__}.{name}"
        for model in answers
        for name, field in model.model_fields.items()
        if Sequence in parts(field.annotation)
    }
    assert len(answers) > 60
    assert slow == set()
