"""One folder an audience: the line between clinician, manager and employer is the confidentiality rule."""
