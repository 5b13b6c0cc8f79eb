"""Messages between a manager and occupational health about a referral or a report that they share."""
