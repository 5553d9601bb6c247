"""Full-text search of tokens, where the database is SQLite."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CREATE = (
    "CREATE VIRTUAL TABLE console_token_search USING fts5(token_id, memo,"
    " content='console_token', content_rowid='id', prefix='2 3 4',"
    " tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER console_token_search_added AFTER INSERT ON console_token BEGIN"
    " INSERT INTO console_token_search(rowid, token_id, memo)"
    " VALUES (new.id, new.token_id, new.memo); END",
    "CREATE TRIGGER console_token_search_removed AFTER DELETE ON console_token BEGIN"
    " INSERT INTO console_token_search(console_token_search, rowid, token_id, memo)"
    " VALUES ('delete', old.id, old.token_id, old.memo); END",
    "CREATE TRIGGER console_token_search_changed AFTER UPDATE OF token_id, memo ON console_token"
    " BEGIN"
    " INSERT INTO console_token_search(console_token_search, rowid, token_id, memo)"
    " VALUES ('delete', old.id, old.token_id, old.memo);"
    " INSERT INTO console_token_search(rowid, token_id, memo)"
    " VALUES (new.id, new.token_id, new.memo); END",
)
DROP = (
    "DROP TRIGGER console_token_search_changed",
    "DROP TRIGGER console_token_search_removed",
    "DROP TRIGGER console_token_search_added",
    "DROP TABLE console_token_search",
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
    dependencies = [("console", "0001_state")]
    operations = [migrations.RunPython(create_search, drop_search)]
