"""The command line, as a person uses it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backend import cli
from backend.client import PriorscopeClient
from backend.settings import Settings
from backend.storage import RunStore
from models.priors import PRIORS

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

COMMAND = [sys.executable, "-m", "backend.cli"]
ROOT = Path(__file__).parents[2]
Until = Callable[[Callable[[], object]], None]


def status_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Run the command in this process, and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["priorscope", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.parametrize("command", ["serve", "train", "resume", "compare", "runs"])
def test_every_command_explains_itself_with_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert status_of(monkeypatch, command, "--help") == 0
    shown = capsys.readouterr().out
    assert f"Example: priorscope {command} " in shown
    assert "--data-dir" in shown


def test_serve_explains_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(monkeypatch, "serve", "--help") == 0
    shown = capsys.readouterr().out
    for name in Settings.model_fields:
        assert f"PRIORSCOPE_{name.upper()}" in shown


BAD = [
    (("train", "--prior", "vamp"), "prior: “kind” has to be one of 'standard'"),
    (("train", "--prior", "mog", "--dataset", "mnist"), "no data set “mnist”"),
    (("train", "--prior", "mog", "--set", "prior.components=3"), "prior.components: There is no"),
    (("train", "--prior", "mog", "--set", "prior.num_components=x"), "got 'x'"),
    (("train", "--prior", "mog", "--set", "training.learning_rate=NaN"), "training.learning_rate"),
    (("train", "--prior", "mog", "--frozen-from", "none"), "There is no run “none”"),
    (("train", "--prior", "mog", "--set", "nonsense"), "KEY=VALUE"),
    (("train", "--prior", "mog", "--set", ".a=1"), "KEY=VALUE"),
    (("train", "--prior", "mog", "--set", "prior.kind.id=1"), "kind is a value"),
    (("train", "--prior", "mog", "--name", " "), "name: "),
    (("train", "--prior", "mog", "--seed", str(2**31)), "training.seed: "),
    (("train", "--prior", "mog", "--server", "http://127.0.0.1:9"), "no Priorscope server"),
    (("train", "--prior", "mog", "--server", "x", "--data-dir", "y"), "leave out --data-dir"),
    (("compare", "--dataset", "mnist"), "no data set “mnist”"),
    (("compare", "--priors", "mog,vamp"), "no prior “vamp”"),
    (("compare", "--seeds", "0,one"), "whole numbers"),
    (("compare", "--seeds", "-1"), "between 0 and"),
    (("compare", "--set", "latent_dims=8"), "latent_dims"),
    (("runs", "--data-dir", "/dev/null/x"), "cannot be made"),
    (("serve", "--host", "no.such.host.invalid"), "Cannot listen on no.such.host.invalid"),
]


@pytest.mark.parametrize(("arguments", "sentence"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_mistakes_are_answered_with_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(monkeypatch, *arguments) == 1
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_bad_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRIORSCOPE_WORKERS", "many")
    assert status_of(monkeypatch, "runs") == 1
    assert "PRIORSCOPE_WORKERS is wrong" in capsys.readouterr().err


def test_even_the_unexpected_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(**_: object) -> Settings:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(cli, "choose_settings", break_down)
    assert status_of(monkeypatch, "runs") == 1
    assert capsys.readouterr().err == "Unexpected error (ZeroDivisionError): by zero\n"


def test_a_taken_port_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        data_dir = str(tmp_path / "data")
        assert status_of(monkeypatch, "serve", "--port", port, "--data-dir", data_dir) == 1
    shown = capsys.readouterr().err
    assert f"Cannot listen on 127.0.0.1:{port}" in shown
    assert "another --port" in shown
    assert shown.count("\n") == 1


@pytest.mark.usefixtures("finished")
def test_train_and_runs(
    client: PriorscopeClient,
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In the data folder of a server, which follows it and does not take it for dead."""
    data_dir = ("--data-dir", str(server.data_dir))
    options = ("--epochs", "2", "--seed", "5", "--set", "prior.num_components=7")
    options = (*options, "--set", "network.hidden=[32]")
    assert status_of(monkeypatch, "train", "--prior", "mog", *options, *data_dir) == 0
    trained = capsys.readouterr()
    assert trained.err == ""
    said = re.fullmatch(
        r"“Mixture of Gaussians · digits · seed 5” finished after 2 of 2 epochs on \w+\. "
        r"Test −ELBO ([\d.]+) nats, best epoch \d\. Run (\w+)\.\n",
        trained.out,
    )
    assert said is not None, trained.out
    stored = client.run(said[2])
    assert stored.status == "finished"
    assert stored.config.prior.model_dump()["num_components"] == 7
    assert stored.config.network.hidden == [32]
    assert stored.metrics is not None
    assert f"{-stored.metrics.test.elbo.value:.2f}" == said[1]
    assert {event.kind for event in client.events(said[2])} == {"status", "epoch", "progress"}

    monkeypatch.setenv("COLUMNS", "160")
    assert status_of(monkeypatch, "runs", *data_dir) == 0
    listed = capsys.readouterr().out
    for text in (said[2], "Mixture of Gaussians · digits · seed 5", "finished", "2/2", said[1]):
        assert text in listed
    assert status_of(monkeypatch, "runs", "--limit", "1", *data_dir) == 0
    assert "1 of " in capsys.readouterr().out


def test_an_empty_store_has_no_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(monkeypatch, "runs", "--data-dir", str(tmp_path / "data")) == 0
    assert "There are no runs in" in capsys.readouterr().out


def test_train_on_a_server(
    client: PriorscopeClient,
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--epochs", "1", "--name", "remote", "--server", server.url)
    assert status_of(monkeypatch, "train", "--prior", "gtm", *options) == 0
    (found,) = client.runs(query="remote").items
    assert found.status == "finished"
    assert f"Run {found.id}." in capsys.readouterr().out
    assert status_of(monkeypatch, "train", "--prior", "gtm", *options, "--id-only") == 0
    told = capsys.readouterr()
    (again, _) = client.runs(query="remote").items
    assert told.out == f"{again.id}\n"
    assert f"Run {again.id}." in told.err
    monkeypatch.setenv("COLUMNS", "160")
    for moment in ((), ("--epoch", "0")):
        assert status_of(monkeypatch, "holes", again.id, *moment, "--server", server.url) == 0
        there = capsys.readouterr().out
        here = ("holes", again.id, *moment, "--data-dir", str(server.data_dir))
        assert status_of(monkeypatch, *here) == 0
        assert capsys.readouterr().out == there
        assert ("epoch 0" in there) == bool(moment)
    assert status_of(monkeypatch, "holes", "none", "--server", server.url) == 1
    assert "none" in capsys.readouterr().err
    assert status_of(monkeypatch, "runs", "--server", server.url, "--limit", "1") == 0
    assert again.id in capsys.readouterr().out
    assert status_of(monkeypatch, "runs", "--server", "http://127.0.0.1:9") == 1
    assert "no Priorscope server" in capsys.readouterr().err


ENDLESS = ("--prior", "standard", "--epochs", "100000", "--set", "training.patience=100000")
ENDLESS = (*ENDLESS, "--set", "network.hidden=[32]")
STOPPED = re.compile(
    r"Stopped after \d+ of 100000 epochs on \w+; what was trained is kept\. "
    r"Test −ELBO [\d.]+ nats, best epoch \d+\. Go on with: priorscope resume (\w+)\n"
)


def test_ctrl_c_keeps_what_was_trained_here(tmp_path: Path, until: Until) -> None:
    process = subprocess.Popen(
        [*COMMAND, "train", *ENDLESS, "--data-dir", str(tmp_path / "data")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: (tmp_path / "data" / "priorscope.db").exists())
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    until(lambda: [run for run in store.list().items if run.checkpoint])
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert out == ""
    said = STOPPED.fullmatch(err)
    assert said is not None, err
    stopped = store.get(said[1])
    assert (stopped.status, stopped.metrics is None) == ("cancelled", False)
    assert store.load_weights(stopped.id)[0] == stopped.checkpoint
    store.close()


def test_ctrl_c_keeps_what_was_trained_on_a_server(
    client: PriorscopeClient,
    server: ServerProcess,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt() -> None:
        until(lambda: [r for r in client.runs(query="to-be-stopped").items if r.checkpoint])
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    options = ("--name", "to-be-stopped", "--server", server.url)
    assert status_of(monkeypatch, "train", *ENDLESS, *options) == 130
    thread.join()
    said = STOPPED.fullmatch(capsys.readouterr().err)
    assert said is not None
    assert client.run(said[1]).status == "cancelled"
    assert client.points(said[1]).count == 447


def test_compare_prints_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--seeds", "0,1", "--epochs", "1", "--priors", "standard, gtm", "--workers", "1")
    options += ("--set", "network.hidden=[8]")
    assert status_of(monkeypatch, "compare", *options, "--data-dir", str(tmp_path / "data")) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    runs = store.list().items
    store.close()
    assert len(runs) == 4
    assert {tuple(r.config.network.model_dump()["hidden"]) for r in runs} == {(8,)}
    for kind in ("standard", "gtm"):
        values = [
            -r.metrics.test.elbo.value
            for r in runs
            if r.metrics is not None and r.config.prior.kind == kind
        ]
        (line,) = [line for line in shown.out.splitlines() if f" {PRIORS[kind].title} " in line]
        assert f"{sum(values) / 2:.2f} ± " in line
        assert "flow" not in shown.out.lower()


def test_ctrl_c_ends_a_comparison(tmp_path: Path, until: Until) -> None:
    process = subprocess.Popen(
        [*COMMAND, "compare", "--data-dir", str(tmp_path / "data"), "--workers", "1"],
        cwd=ROOT,
        # Tests that run in the background ignore Ctrl-C, and what they start would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: (tmp_path / "data" / "priorscope.db").exists())
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    # The first one may train before all are queued.
    until(lambda: store.list().total == 18 and any(run.checkpoint for run in store.list().items))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err == "Stopped; what was trained is kept.\n"
    runs = store.list().items
    store.close()
    assert len(runs) == 18
    assert {run.status for run in runs} <= {"cancelled", "finished"}
    assert [run for run in runs if run.status == "cancelled" and run.checkpoint]
