#!/bin/sh
# Makes the secrets of compose.yml once, in the folder secrets/ beside it or in the one named. A file that is there
# stays. The folder is for its owner alone; its files can be read, because containers have users of their own.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 022
mkdir -p "$folder"
chmod 700 "$folder"

random() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

keep() {
    [ -e "$folder/$1" ] || printf '%s' "$2" > "$folder/$1"
}

keep redis_password "$(random)"
keep postgres_password "$(random)"
keep WEGWEISER_SECRET "$(random)"
keep WEGWEISER_REDIS_URL "redis://:$(cat "$folder/redis_password")@redis:6379/0"
keep WEGWEISER_DATABASE_URL "postgresql://wegweiser:$(cat "$folder/postgres_password")@postgres:5432/wegweiser"
# Empty means off: fill these in by hand.
keep WEGWEISER_TELEGRAM_TOKEN ""
keep WEGWEISER_STAFF_PASSWORD ""
