"""A claimed delivery has a state of its own; a cursor knows its touch."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("console", "0002_token_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="ledgercursor",
            name="touch_id",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "Sending"),
                    ("delivered", "Delivered"),
                    ("dead", "Dead"),
                ],
                default="waiting",
                max_length=16,
            ),
        ),
    ]
