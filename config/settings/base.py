"""All settings, one theme a file; nothing is decided here."""

from __future__ import annotations

from config.settings.api import *
from config.settings.apps import *
from config.settings.celery import *
from config.settings.channels import *
from config.settings.database import *
from config.settings.http import *
from config.settings.logs import *
from config.settings.observation import *
from config.settings.product import *
from config.settings.security import *
from config.settings.storage import *
