"""Alerts of an incident are found by the index of `alert_once`; one of their own served no query.

The index is dropped by name, because Django would copy the whole table for it on SQLite.
"""

import django.db.models.deletion
from django.db import migrations, models

INDEX = "console_alert_incident_id_d5bee4c6"


class Migration(migrations.Migration):
    dependencies = [("console", "0004_incident_search")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX IF EXISTS {INDEX}",
                    f"CREATE INDEX {INDEX} ON console_alert (incident_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="alert",
                    name="incident",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="console.incident",
                    ),
                )
            ],
        )
    ]
