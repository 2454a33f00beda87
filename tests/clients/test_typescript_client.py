"""A TypeScript client of the schema's types (openapi-typescript), and Ferry's own, in Node."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import FILE, Node
from tests.support.shell import ROOT
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]
SOURCES = Path(__file__).parent / "typescript"
STRICT = {
    "strict": True,
    "target": "ES2022",
    "module": "NodeNext",
    "lib": ["ES2023", "DOM"],
    "types": ["node"],
    "outDir": "out",
    "skipLibCheck": False,
}


def compile_and_run(
    node: Node, folder: Path, name: str, environment: dict[str, str], **options: object
) -> dict[str, object]:
    shutil.copy(SOURCES / name, folder / name)
    config = {"compilerOptions": {**STRICT, **options}, "files": [name]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    node("tsc", "--project", ".")
    told = node("node", str(Path("out", name).with_suffix(".js")), **environment)
    found: dict[str, object] = json.loads(told)
    return found


def test_types_of_the_schema(
    node: Node,
    tmp_path: Path,
    schema_file: Path,
    stack: Stack,
    person: dict[str, str],
    film: str,
) -> None:
    node("openapi-typescript", str(schema_file), "--output", "schema.d.ts")
    environment = {"BASE": stack.url, "FILM": film, "PERSON": json.dumps(person)}
    told = compile_and_run(node, tmp_path, "schema_client.ts", environment)
    assert told == {"created": 201, "size": len(FILE), "bytes": len(FILE), "listed": 1, "gone": 404}


def test_ferrys_own_client(
    node: Node, tmp_path: Path, stack: Stack, person: dict[str, str], film: str
) -> None:
    for name in ("client.js", "feed.js", "ledger.js", "types.d.ts"):
        shutil.copy(ROOT / "static" / "js" / name, tmp_path / name)
    token = stack.person(person["username"])._session.headers["Authorization"]
    environment = {"BASE": stack.url, "FILM": film, "TOKEN": str(token).removeprefix("Bearer ")}
    told = compile_and_run(node, tmp_path, "own_client.ts", environment, allowJs=True)
    assert told == {
        "created": True,
        "completed": len(FILE),
        "bytes": len(FILE),
        "listed": 1,
        "refusal": "not_found",
        "withoutBase": "TypeError",
    }
