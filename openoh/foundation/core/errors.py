"""Errors that carry a message for the person who can mend them."""


class OpenOHError(Exception):
    """A rule of the service was broken; the message is plain English and can be shown."""


class NotAllowed(OpenOHError):
    """The actor may see the thing but may not do this with it."""


class Conflict(OpenOHError):
    """Somebody else acted first, or the thing is no longer in a state that allows this."""


class Invalid(OpenOHError):
    """The input is wrong; `field` names where."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
