"""Pages of clinicians: risks above everything, the diary, triage, cases, consultations, reports."""
