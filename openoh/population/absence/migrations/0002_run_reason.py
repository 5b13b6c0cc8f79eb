"""The plain reasons of one run's spells, on their way to whoever decides offers and deletes them then.

Unlogged, so that they never reach the disk's log or a backup. After a crash of the server the table is empty, and
`absence.reasons.refill` makes it again from the sealed reasons.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("absence", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "CREATE UNLOGGED TABLE absence_run_reason ("
                "run_id uuid NOT NULL, spell_id bigint NOT NULL, reason_group text NOT NULL, "
                "PRIMARY KEY (run_id, spell_id))",
                "COMMENT ON TABLE absence_run_reason IS 'worker only'",
            ],
            "DROP TABLE absence_run_reason",
        )
    ]
