"""Entry point inside the jail: runs one module, without access to the project's folder.

That folder holds the database and .env, so the jail may not even list it; hence the package is
loaded by its path. Run as a file with ``python -I``, never imported. ``--first PATH`` before the
module's name: packages of that folder go before the installed ones.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path

package = Path(__file__).parents[2]
found = importlib.util.spec_from_file_location(
    package.name, package / "__init__.py", submodule_search_locations=[str(package)]
)
assert found
assert found.loader
sys.modules[package.name] = importlib.util.module_from_spec(found)
found.loader.exec_module(sys.modules[package.name])

del sys.argv[0]
if sys.argv[0] == "--first":
    sys.path.insert(0, sys.argv[1])
    del sys.argv[:2]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
