"""Calendar arithmetic as vaccination schedules and English law use it."""

from datetime import date, timedelta

_UNITS = ("days", "weeks", "months", "years")


def add(day: date, *, years: int = 0, months: int = 0, days: int = 0) -> date:
    """``day`` moved by whole years and months, then by days; a day that does not exist becomes the next
    month's first.

    >>> from datetime import date
    >>> add(date(2024, 2, 29), years=1), add(date(2024, 1, 31), months=1)
    (datetime.date(2025, 3, 1), datetime.date(2024, 3, 1))
    """
    count = 12 * (day.year + years) + day.month - 1 + months
    try:
        moved = day.replace(year=count // 12, month=count % 12 + 1)
    except ValueError:
        moved = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return moved + timedelta(days)


def after(day: date, span: str) -> date:
    """``day`` moved by a span such as ``4 weeks``; ``ValueError`` for a span that is not number and unit.

    >>> from datetime import date
    >>> after(date(2024, 1, 1), "4 weeks")
    datetime.date(2024, 1, 29)
    """
    number, _, unit = span.partition(" ")
    if not number.isdecimal() or unit not in _UNITS:
        raise ValueError(f"A span is {span!r}; it must be a whole number of {', '.join(_UNITS)}.")
    if unit == "weeks":
        return day + timedelta(weeks=int(number))
    return add(day, **{unit: int(number)})
