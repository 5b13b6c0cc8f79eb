"""Predicted values and interpretation of spirometry."""

from openoh.cli.calc.specification import Calculation, needed, optional

HELP = "predicted lung function and its interpretation"

PERSON = (
    needed("sex", "word", "male or female, or a column"),
    needed("age", "value", "age in decimal years, or a column"),
    needed("height_cm", "value", "height in centimetres, or a column"),
    optional("reference", "text", "equations (gli-global-2022)"),
    optional("ethnicity", "word", "group of GLI-2012, or a column"),
)

CALCULATIONS = (
    Calculation(
        "spirometry",
        "predict",
        "predict",
        "predicted value and lower limit of normal",
        (needed("measure", "text", "what is measured", choices=("FEV1", "FVC", "FEV1FVC")), *PERSON),
    ),
    Calculation(
        "spirometry",
        "interpret",
        "interpret",
        "z-scores, pattern and severity",
        (
            needed("fev1", "value", "FEV1 in litres, or a column"),
            needed("fvc", "value", "FVC in litres, or a column"),
            *PERSON,
        ),
    ),
)
