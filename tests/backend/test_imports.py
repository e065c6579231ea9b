"""The direction of imports: models <- storage <- jobs, explore <- api <- interface <- app."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What each part of the backend may import of the rest of it. "cli" starts everything.
ALLOWED: dict[str, set[str]] = {
    "settings": set(),
    "visible_text": set(),
    "logs": {"settings", "visible_text"},
    "access": {"settings"},
    "content_policy": set(),
    "lanes": {"errors", "settings"},
    "answers": {"errors"},
    "seats": {"errors", "settings"},
    "clock": set(),
    "errors": set(),
    "arrays": set(),
    "server_schemas": set(),
    "schemas": {"server_schemas"},
    "field_errors": {"errors"},
    "tables": set(),
    "durable_file": {"errors"},
    "artefact": {"durable_file", "errors"},
    "checkpoints": {"artefact", "errors"},
    "snapshots": {"artefact"},
    "training_states": {"artefact", "errors"},
    "resuming": {"schemas"},
    "pace": set(),
    "dataset_schemas": {"arrays", "schemas", "server_schemas"},
    "datasets": {"durable_file", "errors", "settings"},
    "dataset_info": {"dataset_schemas", "datasets", "errors", "pictures"},
    "workspace": set(),
    "uploads": {"dataset_schemas", "durable_file", "errors", "workspace"},
    "import_worker": set(),
    "import_records": {"dataset_schemas", "datasets", "durable_file", "errors"},
    "worker_pool": {"errors"},
    "imports": {
        "dataset_info",
        "dataset_schemas",
        "datasets",
        "errors",
        "import_records",
        "import_worker",
        "uploads",
        "worker_pool",
        "workspace",
    },
    "database_file": {"durable_file", "errors"},
    "data_folder": {"clock", "database_file", "durable_file", "errors"},
    "revisions": {"database_file", "errors"},
    "upgrading": {"clock", "data_folder", "database_file", "errors", "revisions"},
    "database_version": set(),
    "known_runs": {"database_version", "schemas"},
    "database": {
        "database_file",
        "database_version",
        "durable_file",
        "errors",
        "revisions",
        "upgrading",
    },
    "migrations": {"tables"},
    "run_filter": {"schemas", "tables"},
    "provenance": {"schemas"},
    "run_rows": {"errors", "resuming", "schemas", "tables"},
    "unreadable_rows": {"run_rows", "schemas", "tables"},
    "storage": {
        "checkpoints",
        "clock",
        "data_folder",
        "database",
        "datasets",
        "errors",
        "known_runs",
        "provenance",
        "resuming",
        "run_filter",
        "run_rows",
        "schemas",
        "settings",
        "snapshots",
        "unreadable_rows",
        "tables",
        "training_states",
    },
    "examination": {
        "artefact",
        "checkpoints",
        "database",
        "database_file",
        "datasets",
        "errors",
        "settings",
        "unreadable_rows",
    },
    "repairing": {
        "checkpoints",
        "clock",
        "database",
        "durable_file",
        "errors",
        "examination",
        "settings",
        "storage",
    },
    "archive": {"errors"},
    "backing_up": {
        "archive",
        "artefact",
        "clock",
        "database",
        "database_file",
        "durable_file",
        "errors",
        "settings",
        "workspace",
    },
    "restoring": {"archive", "data_folder", "database_file", "durable_file", "revisions"},
    "retention": {"errors", "schemas", "settings", "storage"},
    "freezing": {"errors", "schemas", "storage"},
    "planning": {"datasets", "errors", "freezing", "schemas", "storage"},
    "events": {"schemas", "storage"},
    "recorder": {"pace", "schemas", "storage"},
    "training": {"errors", "recorder", "resuming", "schemas", "storage"},
    "memory": set(),
    "starting": set(),
    "worker": {"logs", "memory", "schemas", "settings", "starting", "storage", "training"},
    "preloaded": {"starting", "training", "worker"},
    "fork_server": set(),
    "jobs": {
        "errors",
        "fork_server",
        "resuming",
        "schemas",
        "settings",
        "storage",
        "worker",
        "worker_pool",
    },
    "explore_schemas": {"arrays", "schemas", "server_schemas"},
    "pictures": {"errors"},
    "plane_request": {"errors"},
    "latent_space": {"explore_schemas", "pictures", "plane_request", "schemas"},
    "palette": set(),
    "animation": {"errors", "palette", "schemas", "settings"},
    "loaded_run": {"errors", "explore_schemas", "latent_space", "pictures", "plane_request"},
    "hole_finder": {"explore_schemas", "latent_space", "loaded_run", "pictures", "plane_request"},
    "explore": {
        "errors",
        "explore_schemas",
        "hole_finder",
        "latent_space",
        "loaded_run",
        "plane_request",
        "schemas",
        "settings",
        "storage",
    },
    "exporting": {"explore", "explore_schemas", "schemas", "storage"},
    "readiness": {"errors", "events", "jobs", "server_schemas", "settings", "storage"},
    "condition": {"answers", "jobs", "lanes", "seats", "settings", "storage"},
    "telemetry": set(),
    "connection": {"schemas", "server_schemas"},
    "client": {"connection", "dataset_schemas", "explore_schemas", "schemas", "server_schemas"},
    "demo": {"jobs", "planning", "storage"},
    "api": {
        "exporting",
        "access",
        "animation",
        "answers",
        "api",
        "content_policy",
        "dataset_info",
        "dataset_schemas",
        "errors",
        "events",
        "explore",
        "explore_schemas",
        "field_errors",
        "freezing",
        "imports",
        "jobs",
        "lanes",
        "logs",
        "plane_request",
        "planning",
        "readiness",
        "run_filter",
        "schemas",
        "seats",
        "server_schemas",
        "settings",
        "storage",
        "telemetry",
        "uploads",
    },
    "assets": set(),
    "modules": set(),
    "source_map": set(),
    "joining": {"modules", "source_map"},
    "frontend": {"assets", "joining", "modules"},
    "interface": {
        "access",
        "answers",
        "api",
        "condition",
        "demo",
        "events",
        "explore",
        "import_records",
        "imports",
        "jobs",
        "lanes",
        "retention",
        "seats",
        "settings",
        "storage",
        "telemetry",
        "uploads",
        "workspace",
    },
    "loading": {"errors", "interface"},
    "app": {
        "access",
        "api",
        "errors",
        "frontend",
        "interface",
        "loading",
        "server_schemas",
        "settings",
        "starting",
        "storage",
        "telemetry",
    },
    "orderly_protocol": set(),
    "http_protocol": {"content_policy", "orderly_protocol", "settings"},
    "server": {
        "access",
        "app",
        "data_folder",
        "errors",
        "http_protocol",
        "logs",
        "revisions",
        "settings",
    },
    "commands": {
        "exporting",
        "archive",
        "backing_up",
        "client",
        "data_folder",
        "database",
        "datasets",
        "commands",
        "demo",
        "errors",
        "examination",
        "explore",
        "explore_schemas",
        "field_errors",
        "jobs",
        "plane_request",
        "planning",
        "repairing",
        "restoring",
        "resuming",
        "retention",
        "schemas",
        "settings",
        "storage",
        "training",
        "visible_text",
        "workspace",
    },
    "command_options": {"errors", "settings"},
    "data_cli": {"command_options", "commands"},
    "cli": {
        "command_options",
        "commands",
        "data_cli",
        "errors",
        "server",
        "settings",
        "starting",
        "visible_text",
    },
}


def _imported(file: Path) -> set[str]:
    """The dotted names of all modules and names that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _part(file: Path) -> str:
    return file.relative_to(ROOT / "backend").parts[0].removesuffix(".py")


FILES = [file for file in (ROOT / "backend").rglob("*.py") if file.name != "__init__.py"]


def test_every_part_is_listed() -> None:
    assert {_part(file) for file in FILES} == set(ALLOWED)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_backend_imports_downwards(file: Path) -> None:
    parts = {name.split(".")[1] for name in _imported(file) if name.startswith("backend.")}
    assert parts - {"__version__"} <= ALLOWED[_part(file)]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "models").rglob("*.py")), ids=lambda file: file.stem
)
def test_models_know_no_backend(file: Path) -> None:
    assert not {name for name in _imported(file) if name.split(".")[0] == "backend"}


def test_only_the_keepers_of_the_data_folder_speak_sql_and_lock_files() -> None:
    keepers = {
        *("storage", "database", "tables", "checkpoints", "snapshots", "migrations", "run_filter"),
        "run_rows",
        *("artefact", "data_folder", "database_file", "database_version", "workspace"),
        *("datasets", "revisions", "upgrading"),
        *("examination", "repairing", "backing_up", "restoring", "unreadable_rows"),
    }
    tools = {"sqlalchemy", "sqlite3", "alembic", "safetensors", "filelock"}
    for file in FILES:
        if _part(file) not in keepers:
            assert not {name.split(".")[0] for name in _imported(file)} & tools, file
