"""The coded words of the field: reasons, advice, adjustments, opinions. Coded before prose."""
