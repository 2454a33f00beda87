from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('downloads', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='playlistentry',
            name='ciphertext',
            field=models.TextField(blank=True, default='', editable=False, help_text='The link with its login, if it has one; encrypted.'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='playlistentry',
            name='url',
            field=models.TextField(help_text='Normalised, without a login.'),
        ),
        # Not altered: what was kept in clear goes, and sources are asked again.
        migrations.RemoveField(
            model_name='rendition',
            name='resolution',
        ),
        migrations.AddField(
            model_name='rendition',
            name='resolution',
            field=models.TextField(blank=True, default='', editable=False, help_text='The selection while it is fetched: resume asks no one; encrypted.'),
            preserve_default=False,
        ),
    ]
