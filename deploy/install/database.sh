#!/bin/sh
# Makes the two roles of the database, and the database. It may be run again.
#
# Nobody has a password: PostgreSQL lets the system's account petition in as the role petition, which serves and owns
# nothing, and petition-owner as petition_owner, which owns the tables and migrates them.
set -eu
deploy=$(cd "$(dirname "$0")/.." && pwd -P)
cd /

say() { echo "database.sh: $*"; }

# There may be several servers; the first one is the site's, or the one in PGCLUSTER, such as 17/main.
if [ -z "${PGCLUSTER:-}" ]; then
    PGCLUSTER=$(pg_lsclusters --no-header | awk 'NR == 1 { print $1 "/" $2 }')
fi
folder=/etc/postgresql/$PGCLUSTER
[ -f "$folder/pg_hba.conf" ] || { say "there is no PostgreSQL yet: apt-get install postgresql" >&2 && exit 1; }
[ "${PGCLUSTER%%/*}" -ge 15 ] || { say "PostgreSQL $PGCLUSTER is too old: 15 or newer is needed." >&2 && exit 1; }
export PGCLUSTER

# Puts our lines before those that are there already, once: of pg_hba.conf the first line that fits counts.
put_before() {
    grep -q '^# The site petition' "$2" && return
    { echo '# The site petition' && cat "$1" "$2"; } >"$2.new"
    chown --reference="$2" "$2.new"
    chmod --reference="$2" "$2.new"
    mv "$2.new" "$2"
}

say "$folder: who may log in as which role, and what is logged"
put_before "$deploy/postgresql/pg_hba.conf" "$folder/pg_hba.conf"
put_before "$deploy/postgresql/pg_ident.conf" "$folder/pg_ident.conf"
# Only where it listens, and where it writes its log, needs a restart.
how=restart
cmp --silent "$deploy/system/postgresql.conf" "$folder/conf.d/petition-one-machine.conf" && how=reload
install -D -m 644 "$deploy/postgresql/petition.conf" "$folder/conf.d/petition.conf"
install -m 644 "$deploy/system/postgresql.conf" "$folder/conf.d/petition-one-machine.conf"
systemctl "$how" "postgresql@$(echo "$PGCLUSTER" | tr / -)"

say "roles petition and petition_owner, and the database petition"
runuser -u postgres -- psql --no-psqlrc --file - <"$deploy/postgresql/roles.sql"
say "PostgreSQL $PGCLUSTER is ready"
