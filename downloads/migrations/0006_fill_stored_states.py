"""Write the states that downloads have, and the places in line of those that wait.

Old processes may go on meanwhile: what they change without writing it here is repaired by the sweep
of the new ones (``downloads.queue.ledger_check``).
"""

from django.db import migrations
from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

BATCH = 2000
TABS = {
    'queued': 'active',
    'running': 'active',
    'paused': 'active',
    'completed': 'completed',
    'expired': 'completed',
    'failed': 'failed',
    'cancelled': 'failed',
}


def fill_states(apps, schema_editor):
    Download = apps.get_model('downloads', 'Download')
    derived = Case(
        When(cancelled_at__isnull=False, then=Value('cancelled')),
        When(expired_at__isnull=False, then=Value('expired')),
        When(rendition__status='stored', then=Value('completed')),
        When(paused_at__isnull=False, then=Value('paused')),
        When(failed_at__isnull=False, then=Value('failed')),
        When(rendition__status__in=['running', 'finalizing'], then=Value('running')),
        default=Value('queued'),
        output_field=CharField(),
    )
    for state, tab in TABS.items():
        if state == 'queued':  # the columns' default
            continue
        rows = Download.objects.annotate(derived=derived).filter(derived=state).order_by()
        rows = rows.exclude(state=state)
        while pks := list(rows.values_list('pk', flat=True)[:BATCH]):
            Download.objects.filter(pk__in=pks).update(state=state, tab=tab)


def fill_line(apps, schema_editor):
    Download = apps.get_model('downloads', 'Download')
    QueueEntry = apps.get_model('downloads', 'QueueEntry')
    waits = Download.objects.filter(
        ~Exists(QueueEntry.objects.filter(download=OuterRef('pk'))),
        Q(cancelled_at=None, expired_at=None, paused_at=None, failed_at=None),
        rendition__status='queued',
    )
    rows = waits.select_related('rendition').order_by()
    while found := list(rows[:BATCH]):
        QueueEntry.objects.bulk_create(
            [
                QueueEntry(
                    download_id=row.pk,
                    rendition_id=row.rendition_id,
                    user_id=row.user_id,
                    host=row.rendition.host,
                    lane=f'{row.user_id} {row.rendition.host}',
                    priority=row.priority,
                    queued_at=row.rendition.queued_at,
                    suspect=row.rendition.reclaims >= 2,
                    ready=False,  # the maintenance has it start once it is due
                    due_at=row.rendition.next_attempt_at,
                    waits_since=row.rendition.waits_since,
                )
                for row in found
            ],
            batch_size=200,
            ignore_conflicts=True,
        )


def nothing(apps, schema_editor):
    """Leave the columns: the migration before removes them."""


class Migration(migrations.Migration):

    harmless_to_older_processes = 'It fills columns and a table that they do not know.'

    dependencies = [
        ('downloads', '0005_stored_states'),
    ]

    operations = [
        migrations.RunPython(fill_states, nothing),
        migrations.RunPython(fill_line, nothing),
    ]
