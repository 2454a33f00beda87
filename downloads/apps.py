from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    name = "downloads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from downloads import checks  # noqa: F401 - importing registers them
