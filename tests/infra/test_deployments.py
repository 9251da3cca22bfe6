"""The files for a cluster name settings, modules and probes that exist. They are not run here."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.routing import Route

from infra.engine.binary import engine_version
from settings import Settings
from web.health import health_router

INFRA = Path(__file__).parents[2] / "infra"
COMPOSE = yaml.safe_load((INFRA / "compose" / "docker-compose.yaml").read_text())
KUBERNETES = list(yaml.safe_load_all((INFRA / "kubernetes" / "lifeline.yaml").read_text()))


class EmptyInbox:
    def waiting(self) -> int:
        return 0


def containers() -> Iterator[dict[str, Any]]:
    for document in KUBERNETES:
        if "template" in document.get("spec", {}):
            yield from document["spec"]["template"]["spec"]["containers"]


def our_commands() -> Iterator[list[str]]:
    for service in COMPOSE["services"].values():
        if service.get("image") == "lifeline":
            yield service["command"]
    for container in containers():
        yield container["command"]


def variables() -> dict[str, str]:
    services = COMPOSE["services"].values()
    named = [service["environment"] for service in services if service.get("image") == "lifeline"]
    named.append(KUBERNETES[0]["data"])
    return {key: value for some in named for key, value in some.items() if key[:4] == "LIFE"}


@pytest.mark.parametrize("command", list(our_commands()), ids=" ".join)
def test_each_command_names_a_program_of_ours(command: list[str]) -> None:
    module = command[-1].removesuffix(".py")

    assert command[0] == "python"
    assert find_spec(module) is not None


@pytest.mark.parametrize("variable", sorted(variables()))
def test_each_variable_is_a_setting(variable: str) -> None:
    section, _, key = variable.removeprefix("LIFELINE_").lower().partition("__")

    assert key in type(getattr(Settings(), section)).model_fields


def test_the_cluster_runs_the_version_that_is_tested() -> None:
    assert COMPOSE["services"]["temporal"]["image"].endswith(f":{engine_version()}")


def test_every_dependency_is_a_service() -> None:
    services = COMPOSE["services"]
    wanted = {name for service in services.values() for name in service.get("depends_on", {})}

    assert wanted
    assert wanted <= services.keys()


def test_the_probed_path_is_served() -> None:
    probes = [box["readinessProbe"] for box in containers() if "readinessProbe" in box]

    served = {
        route.path for route in health_router(EmptyInbox()).routes if isinstance(route, Route)
    }

    assert probes
    assert {probe["httpGet"]["path"] for probe in probes} <= served
