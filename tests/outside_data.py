"""Where the outside data with expected numbers lie: `shared/data` beside the checkout or beside one of its parents."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def outside_data(*parts: str) -> Path:
    """The path of an outside data file, e.g. ``outside_data("spc", "README.md")``."""
    for folder in CHECKOUT.parents:
        candidate = folder / "shared" / "data"
        if candidate.is_dir():
            return candidate.joinpath(*parts)
    raise FileNotFoundError("The folder shared/data was not found beside this checkout or above it.")
