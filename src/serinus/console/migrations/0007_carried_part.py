import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("console", "0006_incident_day")]
    operations = [
        migrations.CreateModel(
            name="CarriedPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message", models.CharField(max_length=32)),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="console.incident",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="console.token",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["token", "message"], name="part_message")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "message", "number"), name="part_once"
                    )
                ],
            },
        ),
    ]
