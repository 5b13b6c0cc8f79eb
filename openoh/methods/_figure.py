"""A number that carries the version of the rules behind it."""

from typing import Any


class Figure(float):
    """A float in every use (comparison, arithmetic, JSON), with the ``rule_version`` it was worked out by.

    Arithmetic with it gives a plain float: what comes out is no longer what the rules say.

    >>> value = Figure(2.5, "vibration/regulations-2005@1")
    >>> value, value == 2.5, value.rule_version, type(value + 1).__name__
    (2.5, True, 'vibration/regulations-2005@1', 'float')
    """

    __slots__ = ("rule_version",)
    rule_version: str

    def __new__(cls, value: float, rule_version: str) -> "Figure":
        figure = super().__new__(cls, value)
        object.__setattr__(figure, "rule_version", rule_version)
        return figure

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} cannot be set: a figure never changes")

    def __reduce__(self) -> tuple[Any, ...]:
        return Figure, (float(self), self.rule_version)
