# What differs between clusters; docs/cluster.md says how the other files are made of it.
# The addresses of the three machines in the network that only they are in, and that network:
s|@M1@|10.7.0.1|g
s|@M2@|10.7.0.2|g
s|@M3@|10.7.0.3|g
s|@NETWORK@|10.7.0.0/24|g
# Passwords: put one of `openssl rand -hex 24` in place of each.
s|@POSTGRES_PASSWORD@|change-me-1|g
s|@REPLICATION_PASSWORD@|change-me-2|g
s|@REWIND_PASSWORD@|change-me-3|g
s|@PETITION_PASSWORD@|change-me-4|g
s|@PATRONI_PASSWORD@|change-me-5|g
s|@REDIS_PASSWORD@|change-me-6|g
# Where Debian's packages keep things: 15 on Debian 12, 17 on Debian 13.
s|@PROGRAMS@|/usr/lib/postgresql/15/bin|g
s|@DATA@|/var/lib/postgresql/15/petition|g
s|@SOCKETS@|/var/run/postgresql|g
