"""The tables of a library for jobs, in which nothing ever waited: facts and ticks do the work."""

from django.db import migrations

DROP = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relkind = 'r' AND relname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP TABLE %I CASCADE', found.relname);
  END LOOP;
  FOR found IN SELECT oid::regprocedure AS signature FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND proname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', found.signature);
  END LOOP;
  FOR found IN SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
    AND typtype IN ('c', 'e') AND typname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', found.typname);
  END LOOP;
  DELETE FROM django_migrations WHERE app = 'procrastinate';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
