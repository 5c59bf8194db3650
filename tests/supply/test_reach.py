"""Why known advisories cannot be reached: each reason of docs/advisories.yml and docs/supply-chain.md, against the code."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rasa.server
from packaging.utils import canonicalize_name
from rasa.core.agent import Agent
from rasa.core.run import configure_app
from sanic import Sanic

from bot.channels.web.endpoint import WebInput
from bot.release.graph import check_graph
from bot.release.manifest import ReleaseError
from bot.settings import ROOT
from tests.fakes.models import NODE
from tests.fakes.running import running
from tests.fakes.web_server import INTENTS, LANGUAGES, SECRET, FakeAgent, strings
from tools.audit.adapters import files, uses
from tools.audit.locks import read_lock

RASA = Path(rasa.server.__file__).parent


def names_in(path: Path) -> set[str]:
    """Every name, attribute and imported name in a file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {part for alias in node.names for part in alias.name.split(".")}
    return found


def ours(*names: str) -> list[str]:
    """Our files that use one of these names."""
    return [p.relative_to(ROOT).as_posix() for p in files() if names_in(p) & set(names)]


def image() -> set[str]:
    return {p.name for p in read_lock(ROOT / "deploy/container/requirements.lock", "image").packages}


# Rasa's own interfaces


def paths_of_rasas_api() -> list[tuple[str, str]]:
    """Method and path of everything Rasa's server offers, from its own application."""
    Sanic.test_mode = True
    app = rasa.server.create_app(agent=Agent())
    found = []
    for route in app.router.routes_all.values():
        path = "/" + re.sub(r"<[^>]+>", "x", route.path)
        found += [(method, path) for method in sorted(route.methods) if method not in ("HEAD", "OPTIONS")]
    return found


@pytest.fixture(scope="module")
def served() -> Iterator[httpx.Client]:
    """The application as the launcher makes it, without the pages, over real HTTP."""
    web = WebInput(secret=SECRET, intents=INTENTS, languages=LANGUAGES, strings=strings)
    Sanic.test_mode = True
    app = configure_app([web], enable_api=False)
    app.ctx.agent = FakeAgent()
    with running(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client


def test_no_path_of_rasas_api_is_there(served):
    asked = paths_of_rasas_api()
    wanted = {
        "/conversations/x/tracker",
        "/conversations/x/messages",
        "/model",
        "/model/train",
        "/model/parse",
        "/status",
    }
    assert wanted <= {path for _, path in asked}, "the application that was asked is not Rasa's"
    for method, path in asked:
        if path == "/":
            continue  # ours
        answer = served.request(method, path)
        assert answer.status_code in (404, 405), f"{method} {path}"
        assert "rasa" not in answer.text.lower(), f"{method} {path}"


def test_none_of_rasas_channels_is_there(served):
    from rasa.core.channels import BUILTIN_CHANNELS

    assert {"rest", "socketio", "slack", "twilio", "telegram", "callback", "cmdline"} <= set(BUILTIN_CHANNELS)
    for name in BUILTIN_CHANNELS:
        for path in (f"/webhooks/{name}", f"/webhooks/{name}/", f"/webhooks/{name}/webhook", "/socket.io/"):
            for method in ("GET", "POST"):
                answer = served.request(method, path, json={"sender": "x", "message": "hi"})
                assert answer.status_code == 404, f"{method} {path}"


def test_the_launcher_switches_the_api_off_and_registers_our_channels_only():
    tree = ast.parse((ROOT / "bot/launcher.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "configure_app"]
    assert len(calls) == 1
    given = {k.arg: k.value for k in calls[0].keywords}
    assert isinstance(given["enable_api"], ast.Constant) and given["enable_api"].value is False
    assert ours("create_app", "serve_application", "BUILTIN_CHANNELS", "create_http_input_channels") == []
    inherits = [name for name, taken in uses("rasa").items() if any("rasa.core.channels" in t for t in taken)]
    for name in inherits:
        assert {t for t in uses("rasa")[name] if t.startswith("rasa.core.channels")} <= {
            f"rasa.core.channels.channel.{thing}" for thing in ("InputChannel", "OutputChannel", "UserMessage")
        }


def test_no_cross_origin_rules_of_sanic_cors(served):
    answer = served.get("/health", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert ours("CORS", "sanic_cors", "sanic_jwt") == []
    Sanic.test_mode = True
    app = Sanic("without_cors")
    before = (dict(app.config), list(app.request_middleware), list(app.response_middleware))
    rasa.server.configure_cors(app, "*")
    assert (dict(app.config), list(app.request_middleware), list(app.response_middleware)) == before


# Models


def test_models_come_from_a_folder_and_from_no_server():
    """Rasa's ways to fetch a model (a server, a cloud's storage) need arguments that we never give."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "load"
                and "Agent" in ast.unparse(node.func)
            ):
                assert {k.arg for k in node.keywords} & {"model_server", "remote_storage"} == set(), path
                assert "model_path" in {k.arg for k in node.keywords}
    assert ours("load_agent", "load_from_server", "model_server", "remote_storage", "get_persistor") == []


def test_a_model_that_reads_skops_files_is_refused():
    readers = {
        path.relative_to(RASA).as_posix()
        for path in RASA.rglob("*.py")
        if re.search(
            r"import (skops|joblib|pickle|dill|cloudpickle)\b|pickle_load|json_unpickle", path.read_text("utf-8")
        )
        and "shared" not in path.parts
    }
    assert "nlu/classifiers/sklearn_intent_classifier.py" in readers
    for reader in readers:
        module = "rasa." + reader.removesuffix(".py").replace("/", ".")
        for name in re.findall(r"^class (\w+)", (RASA / reader).read_text("utf-8"), re.M):
            with pytest.raises(ReleaseError, match="none of a component"):
                check_graph({"nodes": {"x": {**NODE, "uses": f"{module}.{name}"}}})
    check_graph({"nodes": {"x": NODE}})


def test_our_models_are_arrays_and_json():
    assert ours("pickle", "joblib", "skops", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle") == []
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.load", "numpy.load"):
                given = {k.arg: ast.unparse(k.value) for k in node.keywords}
                assert given.get("allow_pickle", "False") == "False", path


def test_the_pipeline_names_components_of_ours_only():
    import yaml

    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    assert all(row["name"].startswith("bot.nlu.") for row in config["pipeline"])
    assert {row["name"] for row in config["policies"]} == {"RulePolicy", "MemoizationPolicy"}


def test_onnx_only_writes_and_protobuf_only_carries():
    assert uses("onnx") == {
        "bot/nlu/encoder_graph.py": ["onnx", "onnx.TensorProto", "onnx.helper", "onnx.numpy_helper"]
    }
    used = names_in(ROOT / "bot/nlu/encoder_graph.py")
    assert "save" in used
    assert used & {"load", "load_model", "hub", "version_converter", "convert_version", "external_data_helper"} == set()
    assert used & {"save_as_external_data", "json_format", "ParseDict", "ParseFromString"} == set()
    assert uses("google") == {}
    from google.protobuf.internal import api_implementation

    assert api_implementation.Type() == "upb", "the backend in plain Python has an advisory of its own"


def test_onnxruntime_runs_one_file():
    assert list(uses("onnxruntime")) == ["bot/nlu/embedding.py"]
    source = (ROOT / "bot/nlu/embedding.py").read_text(encoding="utf-8")
    assert source.count("InferenceSession(") == 1 and '"layers.onnx"' in source


def test_jsonpickle_only_encodes():
    for path in RASA.rglob("*.py"):
        text = path.read_text("utf-8")
        if "jsonpickle" in text:
            assert re.findall(r"jsonpickle\.(?!encode\b)\w+", text) == [], path


def test_regex_is_used_by_no_component_of_ours():
    assert uses("regex") == {}
    importers = [p for p in RASA.rglob("*.py") if re.search(r"^\s*import regex\b", p.read_text("utf-8"), re.M)]
    assert [p.name for p in importers] == ["whitespace_tokenizer.py"]


# Libraries beside Rasa


def test_aiohttp_is_a_client_of_one_file_and_never_a_server():
    assert list(uses("aiohttp")) == ["bot/rasa_compat/remote_actions.py"]
    used = names_in(ROOT / "bot/rasa_compat/remote_actions.py")
    assert (
        used & {"web", "FormData", "MultipartWriter", "ws_connect", "CookieJar", "cookies", "DigestAuthMiddleware"}
        == set()
    )
    assert "server_hostname" not in used and "DummyCookieJar" in used
    tree = ast.parse((ROOT / "bot/rasa_compat/remote_actions.py").read_text(encoding="utf-8"))
    asks = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) in ("client.post", "client.get")
    ]
    assert len(asks) == 2
    for call in asks:
        given = {k.arg: ast.unparse(k.value) for k in call.keywords}
        assert given["allow_redirects"] == "False" and "timeout" in given
    for path in RASA.rglob("*.py"):
        assert not re.search(r"aiohttp\.web|from aiohttp import .*\bweb\b", path.read_text("utf-8")), path


def test_pydantic_checks_no_addresses():
    assert ours("EmailStr", "NameEmail", "validate_email") == []
    assert importlib.util.find_spec("email_validator") is None


def test_scikit_learn_counts_no_words():
    assert ours("TfidfVectorizer", "CountVectorizer", "TfidfTransformer", "HashingVectorizer") == []


def test_sqlalchemy_gets_no_text_of_people():
    """Statements are built from tables; text becomes one only where it is written out, or names our own tables."""
    built = set()
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sa.text", "sqlalchemy.text", "text"):
                written = isinstance(node.args[0], ast.Constant) if node.args else True
                if "sqlalchemy" in path.read_text("utf-8") and not written:
                    built.add(path.relative_to(ROOT).as_posix())
    assert "bot/memory/database.py" in built, "the rule sees nothing"
    assert built <= {"bot/memory/database.py", "bot/operations/schema.py"}


@pytest.mark.parametrize("name", ["pytest", "sentencepiece", "werkzeug", "hypothesis"])
def test_what_stays_with_developers_is_not_in_the_image(name):
    assert canonicalize_name(name) not in image()


@pytest.mark.parametrize(
    "name", ["tensorflow", "keras", "tensorboard", "pymongo", "confluent-kafka", "twilio", "slack-sdk", "boto3"]
)
def test_what_is_left_out_is_in_no_lock_that_serves(name):
    assert name not in image()
    assert name not in {p.name for p in read_lock(ROOT / "requirements.lock", "").packages}


def test_wheel_and_setuptools_build_only():
    text = (ROOT / "Makefile").read_text("utf-8") + (ROOT / "deploy/container/Containerfile").read_text("utf-8")
    assert not re.search(r"wheel unpack|easy_install|setup\.py|sdist", text)
    assert ours("setuptools", "pkg_resources", "wheel", "easy_install", "PackageIndex") == []
