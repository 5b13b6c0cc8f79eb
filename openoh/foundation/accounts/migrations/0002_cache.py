"""The table of Django's database cache, in which rate limits are counted across processes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE django_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, "
            "expires timestamptz NOT NULL); CREATE INDEX django_cache_expires ON django_cache (expires)",
            "DROP TABLE django_cache",
        )
    ]
