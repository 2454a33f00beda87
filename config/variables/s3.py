"""django-storages' own settings of a bucket, by their own names.

Left out are those that would break what the ledger says of a file (AWS_IS_GZIPPED,
AWS_S3_FILE_OVERWRITE), those that are objects of Python, and second names.
"""

from __future__ import annotations

from typing import Any

from config import parsing
from config.variables.variable import Variable, VariableSection


def _verification(text: str) -> bool | str | None:
    if text.lower() in {"true", "false"}:
        return None if text.lower() == "true" else False
    return text


class S3Variables(VariableSection):
    """Storage in a bucket: S3, R2, MinIO"""

    aws_storage_bucket_name = Variable(
        parsing.text, "", "Bucket; finished files are objects in it.", shown_default="local storage"
    )
    aws_location = Variable(
        parsing.ValueType("path", lambda text: text.strip("/")), "", "Prefix of every key."
    )

    # --- the server ---
    aws_s3_endpoint_url = Variable(
        parsing.or_none(parsing.address("https", "http")),
        "",
        "Address of a server other than AWS.",
        shown_default="AWS",
    )
    aws_s3_region_name = Variable(parsing.or_none(parsing.text), "", "Region; `auto` for R2.")
    aws_s3_addressing_style = Variable(
        parsing.or_none(parsing.choice("auto", "path", "virtual")),
        "",
        "The bucket's name in addresses: in the path, or before the host name.",
        shown_default="auto",
    )
    aws_s3_signature_version = Variable(
        parsing.text, "s3v4", "Signature; `s3v4` is AWS Signature Version 4."
    )
    aws_s3_use_ssl = Variable(
        parsing.boolean, "true", "TLS to AWS; an endpoint's scheme says it for other servers."
    )
    aws_s3_verify = Variable(
        parsing.ValueType("true, false, or the path of a CA bundle", _verification),
        "true",
        "Verification of the server's certificate.",
    )
    aws_s3_proxies = Variable(
        parsing.or_none(parsing.json_object),
        "",
        'Proxies on the way to the server, such as `{"https": "http://proxy:3128"}`.',
    )

    # --- credentials ---
    aws_access_key_id = Variable(
        parsing.or_none(parsing.text),
        "",
        "Access key.",
        shown_default="boto3's own search: profile, role of the machine",
        secret=True,
    )
    aws_secret_access_key = Variable(
        parsing.or_none(parsing.text), "", "Secret of the access key.", secret=True
    )
    aws_session_token = Variable(
        parsing.or_none(parsing.text), "", "Token of temporary keys.", secret=True
    )
    aws_s3_session_profile = Variable(
        parsing.or_none(parsing.text), "", "Profile of AWS's configuration files, instead of keys."
    )

    # --- objects ---
    aws_s3_object_parameters: Variable[dict[str, Any]] = Variable(
        parsing.json_object,
        "{}",
        "What each object is stored with, by the names of S3's API, such as"
        ' `{"StorageClass": "STANDARD_IA", "ServerSideEncryption": "AES256"}`.',
    )
    aws_default_acl = Variable(
        parsing.or_none(parsing.text), "", "Canned ACL of each object, such as `private`."
    )
    aws_s3_max_memory_size = Variable(
        parsing.byte_size(),
        "0",
        "What is kept in memory of a file that is read; 0 for all of it, beyond it goes to disk.",
    )

    # --- addresses that browsers are redirected to ---
    aws_querystring_auth = Variable(
        parsing.boolean, "true", "Signs addresses; without, the bucket has to be public."
    )
    aws_querystring_expire = Variable(
        parsing.whole_number(1, 604_800, "seconds"), "300", "Time that a signed address works."
    )
    aws_s3_custom_domain = Variable(
        parsing.or_none(parsing.text),
        "",
        "Domain of a CDN before the bucket. Its addresses are signed only with CloudFront's key.",
    )
    aws_s3_url_protocol = Variable(
        parsing.choice("https:", "http:"), "https:", "Scheme of addresses at the custom domain."
    )
    aws_cloudfront_key_id = Variable(
        parsing.or_none(parsing.text), "", "Id of CloudFront's key.", secret=True
    )
    aws_cloudfront_key = Variable(
        parsing.or_none(parsing.ValueType("PEM", lambda text: text.replace("\\n", "\n"))),
        "",
        "CloudFront's private key; `\\n` stands for a line break.",
        secret=True,
    )
