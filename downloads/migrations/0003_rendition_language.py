from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('downloads', '0002_secrets_in_links'),
    ]

    operations = [
        migrations.AddField(
            model_name='rendition',
            name='language',
            field=models.CharField(blank=True, default='', help_text='Of the sound that came; empty if not known.', max_length=35),
            preserve_default=False,
        ),
    ]
