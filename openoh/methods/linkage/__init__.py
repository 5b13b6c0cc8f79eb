"""The same person in two employers' records, and duplicates in one. Needs `pip install 'openoh[methods]'`."""

from openoh.methods.linkage.linking import Evidence, FieldEvidence, Links, Pair, deduplicate, link
from openoh.methods.linkage.rules import LinkageRules, linkage_rules

__all__ = [
    "Evidence",
    "FieldEvidence",
    "LinkageRules",
    "Links",
    "Pair",
    "deduplicate",
    "link",
    "linkage_rules",
]
