"""Pages of those who run the service, and of the board: figures, benchmarks, matching, administration, audit."""
