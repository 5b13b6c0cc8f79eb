"""The API for programs: the same actions and queries as the pages, described by OpenAPI 3.1."""
