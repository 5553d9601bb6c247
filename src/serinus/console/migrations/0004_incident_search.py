"""Full-text search of incidents, where the database is SQLite, and an index over kinds.

The worker writes `source` and `headline` at every touch; the index is touched only when one of them
has changed.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CREATE = (
    "CREATE VIRTUAL TABLE console_incident_search USING fts5(memo, source, headline,"
    " content='console_incident', content_rowid='id', prefix='2 3',"
    " tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER console_incident_search_added AFTER INSERT ON console_incident BEGIN"
    " INSERT INTO console_incident_search(rowid, memo, source, headline)"
    " VALUES (new.id, new.memo, new.source, new.headline); END",
    "CREATE TRIGGER console_incident_search_removed AFTER DELETE ON console_incident BEGIN"
    " INSERT INTO console_incident_search(console_incident_search, rowid, memo, source, headline)"
    " VALUES ('delete', old.id, old.memo, old.source, old.headline); END",
    "CREATE TRIGGER console_incident_search_changed"
    " AFTER UPDATE OF memo, source, headline ON console_incident"
    " WHEN old.memo IS NOT new.memo OR old.source IS NOT new.source"
    " OR old.headline IS NOT new.headline BEGIN"
    " INSERT INTO console_incident_search(console_incident_search, rowid, memo, source, headline)"
    " VALUES ('delete', old.id, old.memo, old.source, old.headline);"
    " INSERT INTO console_incident_search(rowid, memo, source, headline)"
    " VALUES (new.id, new.memo, new.source, new.headline); END",
    "INSERT INTO console_incident_search(console_incident_search) VALUES ('rebuild')",
)
DROP = (
    "DROP TRIGGER console_incident_search_changed",
    "DROP TRIGGER console_incident_search_removed",
    "DROP TRIGGER console_incident_search_added",
    "DROP TABLE console_incident_search",
)


def create_search(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for statement in CREATE:
            schema_editor.execute(statement)


def drop_search(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for statement in DROP:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("console", "0003_claims")]
    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["kind", "id"], name="incident_kind"),
        ),
        migrations.RunPython(create_search, drop_search),
    ]
