"""The base class of all payloads."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Payload(BaseModel):
    """A frozen model, camelCase on the wire; unknown fields are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        json_schema_serialization_defaults_required=True,  # an answer always has all its fields
    )

    def wire(self) -> dict[str, object]:
        return self.model_dump(mode="json", by_alias=True)
