"""The environment and .env say which service is called; what is not allowed is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.model.runs import Environment, LedgerKey
from pipeline.services.ithink.settings import URLS, SandboxService
from pipeline.settings import NAMES, Settings, read_settings

KEYS = {"ITHINK_ACCESS_TOKEN": "token-made-up", "ITHINK_SECRET_KEY": "secret-made-up"}
HERE = {"ITHINK_CANCEL_URL": "http://127.0.0.1:9/c", "ITHINK_TRACK_URL": "http://127.0.0.1:9/t"}


def read(tmp_path: Path, environ: dict[str, str] | None = None, dotenv: str = "", env: str | None = None) -> Settings:
    file = tmp_path / ".env"
    if dotenv:
        file.write_text(dotenv, encoding="utf-8")
        file.chmod(0o600)
    return read_settings(environ or {}, file, env=env, default_ledger=tmp_path / "ledger.db", version="1")


def test_without_any_setting_it_is_the_sandbox(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.environment, settings.service) == (Environment.SANDBOX, SandboxService())
    assert settings.ledger_key == LedgerKey("ithink", "sandbox", "cancel")


def test_the_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, {**KEYS, "ITHINK_ENV": "staging"}, "ITHINK_ENV=production").environment == "staging"
    assert read(tmp_path, {**KEYS, "ITHINK_ENV": "staging"}, env="production").environment == "production"
    assert read(tmp_path, {}, "ITHINK_ENV=staging\nITHINK_ACCESS_TOKEN=a\nITHINK_SECRET_KEY=b").environment == "staging"


def test_production_calls_the_vendors_addresses(tmp_path: Path) -> None:
    service = read(tmp_path, KEYS, env="production").service
    assert service is not None
    assert (service.environment, service.cancel_url, service.track_url) == ("production", *URLS[Environment.PRODUCTION])


def test_the_ledger_keeps_a_replaced_address_apart(tmp_path: Path) -> None:
    key = read(tmp_path, {**KEYS, **HERE}, env="staging").ledger_key
    assert key == LedgerKey("ithink", "staging http://127.0.0.1:9/c", "cancel")


def test_keys_never_show(tmp_path: Path) -> None:
    settings = read(tmp_path, KEYS, env="production")
    assert "made-up" not in repr(settings) + settings.account
    assert len(settings.account) == 12


@pytest.mark.parametrize(
    ("environ", "env", "words"),
    [
        ({}, "production", "ITHINK_ACCESS_TOKEN and ITHINK_SECRET_KEY are not set"),
        ({"ITHINK_ACCESS_TOKEN": "a"}, "staging", "ITHINK_SECRET_KEY is not set"),
        ({}, "live", "There is no environment 'live'"),
        ({**KEYS, "ITHINK_CANCEL_URL": "https://x.example/c"}, "staging", "go together"),
        ({**KEYS, **HERE, "ITHINK_TRACK_URL": "http://x.example/t"}, "staging", "plain http to x.example"),
        ({**KEYS, **HERE, "ITHINK_TRACK_URL": "ftp://x.example/t"}, "staging", "no whole address"),
        ({**KEYS, **HERE, "ITHINK_TRACK_URL": "https://u:p@x.example/t"}, "staging", "no whole address"),
        ({**KEYS, **HERE, "ITHINK_CANCEL_URL": "https://my.ithinklogistics.com/c"}, "staging", "production address"),
        ({**KEYS, **HERE, "ITHINK_CANCEL_URL": "https://API.ithinklogistics.com./c"}, "staging", "production address"),
        ({"ITHINK_TIMEOUT": "soon"}, None, "ITHINK_TIMEOUT is 'soon'"),
        ({"ITHINK_TIMEOUT": "0"}, None, "ITHINK_TIMEOUT is '0'"),
        ({"ITHINK_TIMEOUT": "nan"}, None, "ITHINK_TIMEOUT is 'nan'"),
        ({"ITHINK_TRUST_ORDER": "perhaps"}, None, "ITHINK_TRUST_ORDER is 'perhaps'"),
        ({**KEYS, "ITHINK_SECRET_KEY": "two\nlines"}, "production", "ITHINK_SECRET_KEY holds a line break"),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(
    tmp_path: Path, environ: dict[str, str], env: str | None, words: str
) -> None:
    with pytest.raises(UsageError) as trouble:
        read(tmp_path, environ, env=env)
    assert words in str(trouble.value)
    assert "made-up" not in str(trouble.value)


def test_addresses_are_ignored_with_a_warning_in_the_sandbox(tmp_path: Path) -> None:
    settings = read(tmp_path, HERE)
    assert settings.warnings == (
        "ITHINK_CANCEL_URL is ignored in the sandbox",
        "ITHINK_TRACK_URL is ignored in the sandbox",
    )


def test_a_file_with_keys_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ITHINK_ACCESS_TOKEN=a", encoding="utf-8")
    (tmp_path / ".env").chmod(0o644)
    assert any("chmod 600" in warning for warning in read(tmp_path).warnings)


def test_a_misspelt_setting_in_the_file_is_warned_of(tmp_path: Path) -> None:
    warnings = read(tmp_path, dotenv="ITHINK_ACESS_TOKEN=a").warnings
    assert warnings == (".env: ITHINK_ACESS_TOKEN is no setting of this program: did you mean ITHINK_ACCESS_TOKEN?",)


def test_a_dollar_in_a_key_stays_a_dollar(tmp_path: Path) -> None:
    dotenv = "ITHINK_ENV=staging\nITHINK_ACCESS_TOKEN=a${HOME}b\nITHINK_SECRET_KEY='x$y'"
    service = read(tmp_path, dotenv=dotenv).service
    assert service is not None
    assert (service.credentials.access_token, service.credentials.secret_key) == ("a${HOME}b", "x$y")


def test_every_setting_is_in_the_example_file() -> None:
    example = Path(__file__).parent.parent.joinpath(".env.example").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"{name}=" not in example] == []


def test_an_env_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"ITHINK_ACCESS_TOKEN=\xff\xfe\x00")
    with pytest.raises(UsageError, match="no text"):
        read(tmp_path)
