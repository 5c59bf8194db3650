#!/bin/sh
# Starts Redis with its password, which is read from a file and stands in no list of processes.
set -eu
settings=$(cat "${REDIS_CONF:-/etc/redis/redis.conf}")
password=$(cat "${REDIS_PASSWORD_FILE:-/run/secrets/redis_password}")
exec redis-server - <<EOF
$settings
requirepass $password
EOF
