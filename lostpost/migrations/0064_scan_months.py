"""Months of scans are made by a function of the owner, so that the application's role need not make tables."""

from django.db import migrations

CREATE = """
CREATE FUNCTION lostpost_create_scan_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text := 'lostpost_scan_' || to_char(month, 'YYYY_MM');
BEGIN
    IF month <> date_trunc('month', month)::date THEN
        RAISE EXCEPTION '% is no first day of a month', month;
    END IF;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE lostpost_scan INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE lostpost_scan ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name,
        to_char(month, 'YYYY-MM-DD') || ' 00:00+00',
        to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00+00'
    );
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("lostpost", "0063_contact_drafts")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION lostpost_create_scan_month(date)"),
    ]
