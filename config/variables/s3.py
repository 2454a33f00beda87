from __future__ import annotations

from config import parsing
from config.variables.variable import Variable, VariableSection


class S3Variables(VariableSection):
    """Storage in a bucket: S3, R2, MinIO"""

    aws_storage_bucket_name = Variable(
        parsing.text, "", "Bucket; finished files are objects in it.", shown_default="local storage"
    )
    aws_s3_endpoint_url = Variable(
        parsing.or_empty(parsing.address("https", "http")),
        "",
        "Address of a server other than AWS.",
        shown_default="AWS",
    )
    aws_s3_region_name = Variable(parsing.text, "", "Region; `auto` for R2.")
    aws_access_key_id = Variable(
        parsing.text, "", "Access key.", shown_default="the role of the machine", secret=True
    )
    aws_secret_access_key = Variable(parsing.text, "", "Secret of the access key.", secret=True)
    aws_location = Variable(
        parsing.ValueType("path", lambda text: text.strip("/")), "", "Prefix of every key."
    )
