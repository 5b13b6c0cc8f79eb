"""Scores of questionnaires."""

from openoh.cli.calc.specification import Calculation, needed, optional

HELP = "scores of questionnaires"

CALCULATIONS = (
    Calculation("instruments", "catalogue", "catalogue", "the questionnaires that can be scored", ()),
    Calculation(
        "instruments",
        "score",
        "score",
        "the score of an answer set",
        (
            needed("code", "word", "the questionnaire, such as PHQ-9, or a column"),
            needed(
                "answers", "answers", "answers in order between commas (blank = missing), or their columns"
            ),
            optional("version", "text", "version of the scoring"),
        ),
    ),
)
