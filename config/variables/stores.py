from __future__ import annotations

from config import datadir, parsing, paths
from config.variables.variable import Variable, VariableSection

_PATH = parsing.ValueType("path", datadir.absolute)


def _name_template(template: str) -> str:
    from downloads.engine.core.storage_names import check_template  # not at every start

    check_template(template)
    return template


class StoreVariables(VariableSection):
    """Data, secret key, database and Redis"""

    env_file = Variable(
        parsing.path,
        "",
        "File of variables; what the environment itself sets wins.",
        shown_default="`.env`",
    )
    data_dir = Variable(
        _PATH,
        "var",
        "Folder of the SQLite file, the embedded Redis, the secret key, work files and, by"
        " default, the storage.",
    )
    secret_key = Variable(
        parsing.text,
        "",
        "Signs sessions and links, encrypts stored cookies and secrets; the same on every host.",
        shown_default="made once in `DATA_DIR` by `manage.py up`; else required",
        secret=True,
    )
    secret_key_fallbacks = Variable(
        parsing.secrets,
        "",
        "Former keys, with commas: what they signed or encrypted stays valid."
        " `manage.py rotate_key` encrypts it under SECRET_KEY; then unset this.",
        shown_default="none",
        secret=True,
    )
    database_url = Variable(
        parsing.or_empty(parsing.choice_of_scheme("postgres", "postgresql", "sqlite")),
        "",
        "The ledger: `postgres://user:password@host:5432/name`.",
        shown_default="SQLite in `DATA_DIR`",
        secret=True,
    )
    redis_url = Variable(
        parsing.or_empty(parsing.address("redis", "rediss")),
        "",
        "Broker and channel layer.",
        shown_default="an embedded one, started by `manage.py up`",
        secret=True,
    )


class StorageVariables(VariableSection):
    """Storage of finished files"""

    storage_path = Variable(
        _PATH,
        "",
        "Folder of the local storage.",
        shown_default="`media` in `DATA_DIR`",
    )
    storage_name_template = Variable(
        parsing.ValueType("template", _name_template),
        "{title} [{quality}] {id8}.{ext}",
        "Names in the storage.",
    )
    min_free_space = Variable(
        parsing.byte_size(), "1 GiB", "A download that would leave less space free waits."
    )
    x_accel_prefix = Variable(
        parsing.ValueType("path", paths.url_prefix),
        "",
        "Path of nginx's internal location for `STORAGE_PATH`, such as `/_media/`: nginx then sends"
        " the files itself, by `X-Accel-Redirect`. Of the local storage only.",
        shown_default="none: the web process sends them",
    )
    delivery = Variable(
        parsing.choice("redirect", "proxy"),
        "redirect",
        "How files leave a bucket: by redirect to a presigned URL, or through the web process.",
    )
