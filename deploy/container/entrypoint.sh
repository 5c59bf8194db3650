#!/bin/sh
# Settings that are secret come as files named like the setting, so that they stand in no list of processes or
# containers. What is set already wins.
set -eu
for file in "${SECRETS_DIR:-/run/secrets}"/WEGWEISER_*; do
    [ -r "$file" ] || continue
    name=$(basename "$file")
    case $name in
        *[!A-Z_]*) continue ;;
    esac
    if ! printenv "$name" >/dev/null; then
        export "$name=$(cat "$file")"
    fi
done
exec "$@"
