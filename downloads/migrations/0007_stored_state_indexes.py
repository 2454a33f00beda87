from django.db import migrations, models

from config.online_index import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('downloads', '0006_fill_stored_states'),
    ]

    operations = [
        AddIndexOnline(
            model_name='download',
            index=models.Index(fields=['user', 'tab', '-created_at', '-id'], name='download_tab'),
        ),
        AddIndexOnline(
            model_name='download',
            index=models.Index(fields=['user', 'state'], name='download_state'),
        ),
        AddIndexOnline(
            model_name='download',
            index=models.Index(fields=['state'], name='download_of_state'),
        ),
        AddIndexOnline(
            model_name='download',
            index=models.Index(condition=models.Q(('group__isnull', False)), fields=['user', 'tab'], name='download_grouped'),
        ),
    ]
