"""What the register takes as a code, a name, a telephone number. Pure: a sentence of what is wrong, or None."""

from __future__ import annotations

import re

CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
LONGEST_NAME = 200
LONGEST_TELEPHONE = 40
TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,}")


def code_complaint(code: str) -> str | None:
    """A code names an organisation in files and folders: capitals, digits and dashes."""
    return None if CODE.fullmatch(code) else "Use 2 to 20 capital letters, digits and dashes, such as RNS."


def name_complaint(name: str) -> str | None:
    return (
        None if 0 < len(name.strip()) <= LONGEST_NAME else f"Enter a name of at most {LONGEST_NAME} letters."
    )


def telephone_complaint(telephone: str) -> str | None:
    """Empty, or a number that can be dialled."""
    typed = telephone.strip()
    fine = not typed or (len(typed) <= LONGEST_TELEPHONE and TELEPHONE.fullmatch(typed))
    return None if fine else "Enter a telephone number like 01632 960001, or nothing."
