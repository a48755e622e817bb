"""Everything that registers itself by being imported: events, handlers, read models."""

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from types import ModuleType

import application
import projections
from infrastructure.event_store.mapper import load_domain
from projections.read_model import ReadModel


def load_all() -> None:
    """Import every command handler and every event class."""
    load_domain()
    _modules_of(application)


@cache
def read_models() -> Sequence[ReadModel]:
    """Every read model of the code, by name."""
    found = [getattr(module, "model", None) for module in _modules_of(projections)]
    models = [model for model in found if isinstance(model, ReadModel)]
    return sorted(models, key=lambda model: model.name)


@cache
def awaited_read_models() -> Sequence[ReadModel]:
    """Those that show what a command did when it is answered."""
    return [model for model in read_models() if model.awaited]


@cache
def background_read_models() -> Sequence[ReadModel]:
    """Those that no answer waits for."""
    return [model for model in read_models() if not model.awaited]


def _modules_of(package: ModuleType) -> list[ModuleType]:
    names = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(name.name) for name in names]
