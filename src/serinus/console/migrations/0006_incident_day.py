"""Indexes over incidents begin with the day, so that a touch is written near those of its day.

Nothing here makes Django copy the table, which would cost it the triggers of its full-text index.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

DAYS = {
    # Of the date alone: a last microsecond would be rounded up into the next day.
    "sqlite": "CAST(strftime('%s', substr(last_seen, 1, 10)) AS INTEGER) / 86400",
    "postgresql": "floor(extract(epoch FROM last_seen) / 86400)",
}


def fill_days(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    day = DAYS[schema_editor.connection.vendor]
    # No parameters, so that the driver leaves the percent sign alone.
    schema_editor.execute(
        f"UPDATE console_incident SET day = {day} WHERE kind <> 'alarm'",  # noqa: S608
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("console", "0005_alert_index")]
    operations = [
        migrations.RemoveIndex("incident", "incident_place"),
        migrations.RemoveIndex("incident", "incident_resolver"),
        migrations.RemoveIndex("incident", "incident_token"),
        migrations.RemoveIndex("incident", "incident_source"),
        migrations.AddField("incident", "day", models.IntegerField(null=True)),
        migrations.RunPython(fill_days, migrations.RunPython.noop),
        migrations.AddIndex(
            "incident",
            models.Index(fields=["day", "place", "last_seen"], name="incident_day_place"),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                condition=models.Q(("resolver_place", ""), _negated=True),
                fields=["day", "resolver_place", "last_seen"],
                name="incident_day_resolver",
            ),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(fields=["day", "token", "last_seen"], name="incident_day_token"),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(fields=["day", "source", "last_seen"], name="incident_day_source"),
        ),
    ]
