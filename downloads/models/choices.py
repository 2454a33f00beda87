"""The values that columns may have, from the words that all layers share."""

from downloads.streams import Phase, Quality

QUALITY_CHOICES = [(quality.value, quality.value) for quality in Quality]
PHASE_CHOICES = [(phase.value, phase.value) for phase in Phase]
