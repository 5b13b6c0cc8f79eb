"""HR extracts and absence feeds: mapped, checked, quarantined, replayed."""
