from django.db import migrations

from downloads.search import index


def build(apps, schema_editor):
    index.build()


def drop(apps, schema_editor):
    index.drop()


class Migration(migrations.Migration):

    atomic = False
    harmless_to_older_processes = 'Indexes, tables and triggers that they need not know.'

    dependencies = [
        ('downloads', '0007_stored_state_indexes'),
    ]

    operations = [
        migrations.RunPython(build, drop, atomic=False),
    ]
