"""The science of OpenOH: plain Python, usable alone. Submodules load on first use."""

import importlib
from types import ModuleType

__all__ = [
    "absence",
    "audiometry",
    "change",
    "disclosure",
    "equity",
    "evaluation",
    "fitness",
    "immunity",
    "instruments",
    "linkage",
    "noise",
    "queueing",
    "signals",
    "spc",
    "spirometry",
    "value",
    "vibration",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"openoh.methods.{name}")
    raise AttributeError(f"module 'openoh.methods' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
