"""What `bulk-cancel.toml` says: the accounts with where their keys lie, and what is said with each command."""

from pipeline.config.accounts import Account, Identity, check_no_key, read_account
from pipeline.config.config_file import ConfigFile, load_config, user_folder
from pipeline.config.key_places import resolve_key

__all__ = [
    "Account",
    "ConfigFile",
    "Identity",
    "check_no_key",
    "load_config",
    "read_account",
    "resolve_key",
    "user_folder",
]
