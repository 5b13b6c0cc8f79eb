"""Rates, proportions, likelihoods, standardisation and inequality."""

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional

HELP = "rates, shares, likelihoods and inequality, with intervals"

CONFIDENCE = optional("confidence", "number", "confidence of the interval (0.95)")
MULTIPLIER = optional("multiplier", "number", "events for each so many (100000; shares and ratios 100)")


def _named_weights(arguments: Arguments) -> Arguments:
    """Weights are a column, or the name of a standard population."""
    standard = arguments.pop("standard", None)
    if (standard is None) == ("weights" not in arguments):
        raise ValueError("give either --weights, a column, or --standard, the name of a standard population")
    return arguments if standard is None else arguments | {"weights": standard}


CALCULATIONS = (
    Calculation(
        "equity",
        "rate",
        "crude_rate",
        "a rate with exact Poisson or Byar's limits",
        (
            needed("events", "value", "number of events, or a column"),
            needed("exposure", "value", "people, person-years or FTE, or a column"),
            MULTIPLIER,
            CONFIDENCE,
        ),
    ),
    Calculation(
        "equity",
        "proportion",
        "proportion",
        "a share with Wilson's limits",
        (
            needed("k", "value", "how many of them, or a column"),
            needed("n", "value", "of how many, or a column"),
            MULTIPLIER,
            CONFIDENCE,
        ),
    ),
    Calculation(
        "equity",
        "likelihood",
        "relative_likelihood",
        "how much likelier in group A than in group B (WRES, WDES)",
        (
            needed("a", "value", "events in group A, or a column"),
            needed("n_a", "value", "people in group A, or a column"),
            needed("b", "value", "events in group B, or a column"),
            needed("n_b", "value", "people in group B, or a column"),
            CONFIDENCE,
        ),
    ),
    Calculation(
        "equity",
        "compare",
        "compare",
        "a unit against a baseline: on which side of the control limits it lies",
        (
            needed("events", "value", "number of events, or a column"),
            needed("exposure", "value", "people, exposure or expected events, or a column"),
            needed("baseline", "number", "rate or share of all; 1 for expected events"),
            optional("kind", "text", "of the values (rate)", choices=("rate", "proportion")),
        ),
    ),
    Calculation(
        "equity",
        "mean",
        "mean",
        "a mean with Student's t limits",
        (needed("values", "series", "the column of values"), CONFIDENCE),
    ),
    Calculation(
        "equity",
        "standardised-rate",
        "standardised_rate",
        "a rate standardised for age or another band, with Dobson's limits",
        (
            needed("events", "series", "events by band"),
            needed("population", "series", "people by band"),
            optional("weights", "series", "standard population by band"),
            optional("standard", "text", "a named standard population, such as esp2013"),
            MULTIPLIER,
            optional("minimum_events", "number", "fewest events in all (10)"),
            CONFIDENCE,
        ),
        adapt=_named_weights,
    ),
    Calculation(
        "equity",
        "standardised-ratio",
        "standardised_ratio",
        "observed over expected events",
        (
            needed("observed", "series", "events by band"),
            needed("population", "series", "people by band"),
            needed("reference_events", "series", "events of the reference by band"),
            needed("reference_population", "series", "people of the reference by band"),
            MULTIPLIER,
            CONFIDENCE,
        ),
    ),
    Calculation(
        "equity",
        "inequality",
        "inequality",
        "slope and relative index of inequality, the most deprived group first",
        (
            needed("values", "series", "the groups' values"),
            needed("population", "series", "people by group"),
            optional("se", "series", "standard errors by group"),
            optional("transform", "text", "before the fit", choices=("log", "logit")),
            optional("multiplier", "number", "negative turns the direction (1)"),
            CONFIDENCE,
        ),
    ),
)
