"""Which pairs are worth comparing, what the data teach about the fields, and each pair's probability
(splink)."""

from itertools import combinations
from typing import Any

from openoh.methods.linkage.learning import learn, number_of_pairs, pairs_that_agree, within_reason
from openoh.methods.linkage.levels import FieldModel, Level, Model, field_model
from openoh.methods.linkage.records import Records
from openoh.methods.linkage.rules import LinkageRules

Candidates = list[tuple[int, int, float]]
_SILENT = 50
"""Log level: the results say what is worth saying."""


def require_splink() -> None:
    """``ImportError`` with the remedy when the extra that linkage needs is missing."""
    try:
        import duckdb  # noqa: F401  # only whether it is there
        import splink  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "openoh.methods.linkage needs splink and DuckDB: pip install 'openoh[methods]'."
        ) from error


def compare(
    sides: tuple[Records, ...],
    fields: tuple[str, ...],
    kinds: tuple[str, ...],
    least: float,
    rules: LinkageRules,
) -> tuple[Model, Candidates]:
    """The model learnt, and the pairs with a probability of at least `least` as (row, row, probability).

    Two sides: pairs across; one side: pairs within, the earlier row first.
    """
    models = tuple(
        field_model(field, f"f{place}", kind, rules)
        for place, (field, kind) in enumerate(zip(fields, kinds, strict=True))
    )
    smallest = min(map(len, sides))
    model = Model(within_reason(rules.prior_share * smallest / number_of_pairs(sides)), models)
    blocks = blocking(sides, kinds, rules)
    if not blocks:
        return model, []
    connection, tables = _register(sides, [part.column for part in models])
    if smallest >= rules.training_records:
        model = learn(model, sides, blocks, connection, rules)
    linker = _linker(model, tables, blocks)
    found = linker.inference.predict(threshold_match_probability=least).as_pandas_dataframe()
    connection.close()
    candidates = [
        (int(left), int(right), float(probability))
        for left, right, probability in zip(
            found["unique_id_l"], found["unique_id_r"], found["match_probability"], strict=True
        )
    ]
    return model, candidates


def blocking(
    sides: tuple[Records, ...], kinds: tuple[str, ...], rules: LinkageRules
) -> list[tuple[int, ...]]:
    """The fields, or pairs of fields, whose agreement makes a pair worth comparing; the most telling
    first."""
    budget = rules.pairs_per_record * sum(map(len, sides))
    places = range(len(kinds))
    singles = sorted((pairs_that_agree(sides, (place,)), (place,)) for place in places)
    chosen: list[tuple[int, ...]] = []
    chosen += [block for pairs, block in singles if 0 < pairs <= budget]
    if len(chosen) < rules.blocking_rules:
        telling = {place for block in chosen for place in block}
        doubles = sorted(
            (pairs_that_agree(sides, pair), pair)
            for pair in combinations(places, 2)
            if not telling.intersection(pair)
        )
        chosen += [block for pairs, block in doubles if 0 < pairs <= budget]
    return chosen[: rules.blocking_rules]


def _register(sides: tuple[Records, ...], columns: list[str]) -> tuple[Any, list[Any]]:
    """A database in memory with the tables ``side_l`` and ``side_r``, and what splink calls them."""
    import duckdb
    import pandas as pd
    from splink import DuckDBAPI

    connection = duckdb.connect()
    database = DuckDBAPI(connection)
    known = []
    for name, side in zip("lr", sides, strict=False):
        frame = pd.DataFrame(list(side.rows), columns=columns, dtype="string")
        frame.insert(0, "unique_id", range(len(frame)))
        connection.from_df(frame).create(f"side_{name}")
        known.append(database.register(f"side_{name}", dataset_display_name=name))
    return connection, known


def _linker(model: Model, tables: list[Any], blocks: list[tuple[int, ...]]) -> Any:
    from splink import Linker, SettingsCreator, block_on
    from splink import comparison_library as library

    settings = SettingsCreator(
        link_type="link_only" if len(tables) == 2 else "dedupe_only",
        comparisons=[library.CustomComparison(_levels(part), part.column) for part in model.fields],
        blocking_rules_to_generate_predictions=[
            block_on(*(f"f{place}" for place in block)) for block in blocks
        ],
        probability_two_random_records_match=model.prior,
        retain_matching_columns=False,
    )
    return Linker(tables if len(tables) == 2 else tables[0], settings, log_level=_SILENT)


def _levels(part: FieldModel) -> list[Any]:
    from splink import comparison_level_library as library

    def level(known: Level) -> Any:
        made = (
            library.ElseLevel()
            if known.condition == "ELSE"
            else library.CustomLevel(known.condition, known.name)
        )
        return made.configure(m_probability=known.match, u_probability=known.non_match)

    return [library.NullLevel(part.column), *map(level, part.levels)]
