"""docker-compose.yml agrees with the code: settings, subcommands, roles; and keeps its promises.

There is no Docker here, so it is read, and its NATS configuration checked by the real server.
"""

import re
import subprocess
import tomllib
from ipaddress import ip_network

import pytest
import typer
import yaml

from infrastructure.embedded.binaries import nats_server
from infrastructure.embedded.postgres import SETTINGS as EMBEDDED
from infrastructure.settings import Settings
from interfaces.cli.main import app
from interfaces.workers.main import ROLES
from tests.architecture.code import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"].startswith("opstream:")}
NATS = {name: each for name, each in SERVICES.items() if each["image"].startswith("nats:")}
SETTINGS = {f"OPSTREAM_{name.upper()}" for name in Settings.model_fields}
SECRETS = {"OPSTREAM_DATABASE_PASSWORD", "OPSTREAM_NATS_PASSWORD"}
"""Besides settings; the README documents them."""
IMPORTING = 10
"""Connections of an importer beside the three that any role has: it runs commands, like an API."""
PER_API = 2 * Settings.model_fields["database_pool"].default + 4
PER_WORKER = 3 * len(ROLES) + IMPORTING

# A version to the patch, and no word that moves: neither latest nor a bare 18.
EXACT = re.compile(r"[a-z0-9/-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[-?][^}]*)?\}")

each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
each_of_ours = pytest.mark.parametrize("service", OURS.values(), ids=list(OURS))


def replicas(name):
    return SERVICES[name].get("deploy", {}).get("replicas", 1)


def command_of(service):
    return [word for word in service["command"] if not word.startswith("--")]


def test_these_are_the_services():
    assert set(SERVICES) == {
        *("load-balancer", "migrate", "api", "projector", "worker", "postgres", "s3"),
        *("nats-1", "nats-2", "nats-3"),
    }
    assert len(OURS) == 4


@each_service
def test_an_image_is_pinned_by_an_exact_tag(service):
    assert EXACT.fullmatch(service["image"]), service["image"]


def test_our_image_has_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {service["image"] for service in OURS.values()} == {f"opstream:{project['version']}"}


@each_service
def test_a_service_has_a_health_check(service):
    check = service["healthcheck"]
    if check.get("disable"):
        assert service is SERVICES["migrate"], "only what ends by itself needs none"
        return
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= set(check)


@each_service
def test_a_service_is_started_again_unless_it_is_to_end(service):
    assert service["restart"] == ("no" if service is SERVICES["migrate"] else "unless-stopped")


@each_service
def test_nothing_gains_privileges(service):
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "pid", "network_mode"} & set(service)


def test_every_setting_that_is_set_exists():
    looked_at = {name for service in OURS.values() for name in service["environment"]}
    assert len(looked_at) >= 9
    assert looked_at <= SETTINGS


def test_every_variable_is_a_setting_or_a_documented_secret():
    variables = {match[1] for match in VARIABLE.finditer(TEXT)}
    assert len(variables) >= 5
    assert variables <= SETTINGS | SECRETS
    assert variables >= SECRETS


def test_every_dollar_belongs_to_a_variable():
    """A lone one would be taken for a variable by compose."""
    rest = VARIABLE.sub("", TEXT).replace("$$", "")
    lone = [line for line in rest.splitlines() if "$" in line and not line.startswith("#")]
    assert lone == []


def test_secrets_are_demanded_and_never_committed():
    demanded = {match[1] for match in VARIABLE.finditer(TEXT) if match[2].startswith(":?")}
    assert demanded == {*SECRETS, "OPSTREAM_JWT_PRIVATE_KEY"}
    secret = re.compile(r"PASSWORD|PRIVATE_KEY|password:")
    lines = [line for line in TEXT.splitlines() if secret.search(line) and line[0] != "#"]
    assert len(lines) >= 8
    assert [line for line in lines if ":?" not in line] == []


def test_the_readme_documents_each_secret():
    readme = (ROOT / "README.md").read_text()
    for name in (*SECRETS, "OPSTREAM_JWT_PRIVATE_KEY"):
        assert f"`{name}`" in readme


@each_of_ours
def test_a_command_is_a_subcommand(service):
    assert command_of(service)[0] in typer.main.get_command(app).commands


@each_of_ours
def test_its_options_exist(service):
    command = typer.main.get_command(app).commands[service["command"][0]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in service["command"] if word.startswith("--")} <= known


@each_of_ours
def test_our_processes_have_no_rights_that_they_do_not_need(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


@each_of_ours
def test_our_processes_share_one_database_and_one_nats(service):
    environment = service["environment"]
    assert "@postgres:5432/" in environment["OPSTREAM_DATABASE_URL"]
    assert "@nats:4222" in environment["OPSTREAM_NATS_URL"]
    assert all("nats" in node["networks"]["store"]["aliases"] for node in NATS.values())


def test_our_processes_wait_for_the_migration():
    waiting = [name for name in OURS if name != "migrate"]
    assert len(waiting) == 3
    for name in waiting:
        awaited = SERVICES[name]["depends_on"]["migrate"]
        assert awaited == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_the_workers_do_everything_that_a_worker_can_and_nothing_twice():
    roles = [role for name in ("projector", "worker") for role in command_of(SERVICES[name])[1:]]
    assert sorted(roles) == sorted(ROLES)


def test_of_everything_that_can_stand_by_there_is_more_than_one():
    assert replicas("worker") == 2
    assert replicas("projector") == 2
    assert replicas("api") >= 2


def test_a_token_of_one_api_is_good_at_the_others():
    key = SERVICES["api"]["environment"]["OPSTREAM_JWT_PRIVATE_KEY"]
    assert VARIABLE.fullmatch(key)[1] == "OPSTREAM_JWT_PRIVATE_KEY"


def test_only_the_load_balancers_word_for_an_address_counts():
    (edge,) = COMPOSE["networks"]["edge"]["ipam"]["config"]
    assert SERVICES["api"]["environment"]["OPSTREAM_FORWARDED_ALLOW_IPS"] == edge["subnet"]
    assert ip_network(edge["subnet"]).is_private
    members = {name for name, each in SERVICES.items() if "edge" in each["networks"]}
    assert members == {"load-balancer", "api"}
    balancing = COMPOSE["configs"]["load-balancer"]["content"]
    assert "http-request set-header X-Forwarded-For %[src]" in balancing


def test_only_the_load_balancer_is_reached_from_outside():
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["load-balancer"]
    assert COMPOSE["networks"]["store"]["internal"] is True


def test_the_load_balancer_has_room_for_all_api_processes_and_asks_how_they_are():
    balancing = COMPOSE["configs"]["load-balancer"]["content"]
    (room,) = re.findall(r"server-template api (\d+) api:8000 check ", balancing)
    assert int(room) >= 2 * replicas("api")
    assert "http-check send meth GET uri /healthz" in balancing


def test_postgres_has_a_connection_for_everybody():
    """Also while new API processes already run and the old ones still do."""
    told = re.search(r"max_connections=(\d+)", " ".join(SERVICES["postgres"]["command"]))
    workers = replicas("worker") + replicas("projector")
    assert int(told[1]) >= 2 * (replicas("api") * PER_API + workers * PER_WORKER)


@pytest.mark.parametrize(("apis", "workers"), [(2, 5), (8, 2)])
def test_the_embedded_one_has_too(apis, workers):
    assert int(EMBEDDED["max_connections"]) >= apis * PER_API + workers * PER_WORKER


def test_there_are_three_nats_nodes_that_keep_what_they_acknowledge():
    assert len(NATS) == 3
    for name, node in NATS.items():
        assert node["command"][-2:] == ["--name", name]
        assert node["volumes"] == [f"{name}:/data"]
        assert [config["source"] for config in node["configs"]] == ["nats"]
    content = COMPOSE["configs"]["nats"]["content"]
    jetstream = content[content.index("jetstream {") : content.index("authorization")]
    assert "sync_interval: always" in jetstream
    assert "store_dir: /data" in jetstream
    assert {name for name in NATS if f"@{name}:6222" in content} == set(NATS)
    assert {service["environment"]["OPSTREAM_STREAM_REPLICAS"] for service in OURS.values()} == {
        str(len(NATS))
    }


def test_the_nats_server_accepts_its_configuration(tmp_path):
    content = VARIABLE.sub("abc123", COMPOSE["configs"]["nats"]["content"])
    (tmp_path / "nats.conf").write_text(content.replace("/data", str(tmp_path)))
    command = [nats_server(), "-t", "--config", tmp_path / "nats.conf", "--name", "nats-1"]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def dockerfile():
    written = {service["build"]["dockerfile_inline"] for service in OURS.values()}
    assert len(written) == 1
    return written.pop().replace("$$", "$")


def test_the_image_runs_as_nobody_special_from_a_pinned_base():
    lines = dockerfile().splitlines()
    assert EXACT.fullmatch(lines[0].removeprefix("FROM "))
    assert lines.index("USER opstream") < lines.index('ENTRYPOINT ["opstream"]')
    assert re.search(r"uv==\d+\.\d+\.\d+", dockerfile())


def test_the_image_copies_what_is_there():
    copied = [line.split()[1:-1] for line in dockerfile().splitlines() if line.startswith("COPY")]
    sources = [source for sources in copied for source in sources]
    assert len(sources) == 8
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_every_volume_and_configuration_that_is_used_is_declared():
    volumes = [each.partition(":")[0] for s in SERVICES.values() for each in s.get("volumes", ())]
    configs = [each["source"] for s in SERVICES.values() for each in s.get("configs", ())]
    assert len(volumes) >= 6
    assert set(volumes) == set(COMPOSE["volumes"])
    assert set(configs) == set(COMPOSE["configs"])


def test_what_is_for_us_is_hidden_however_its_path_is_written():
    """/%6Detrics is /metrics to the API."""
    configuration = COMPOSE["configs"]["load-balancer"]["content"]
    (rule,) = re.findall(r"http-request deny .* if \{ (.*) \}", configuration)
    assert rule.split() == ["path,url_dec", "-m", "str", "/metrics", "/readyz"]
