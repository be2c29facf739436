#!/bin/sh
# Makes the accounts and folders of the site, and puts its files where the system looks for them. It may be run again, and is
# run at each upgrade. Nothing is started.
set -eu
cd "$(dirname "$0")/.."

say() { echo "system.sh: $*"; }

say "accounts petition and petition-owner, and their folders"
install -D -m 644 system/sysusers.conf /etc/sysusers.d/petition.conf
install -D -m 644 system/tmpfiles.conf /etc/tmpfiles.d/petition.conf
systemd-sysusers petition.conf
systemd-tmpfiles --create petition.conf
# Static files are collected by petition-owner, and only read by petition.
chown -R petition-owner:petition-owner ../var/static

say "the command petition, and the services"
install -D -m 755 bin/petition /usr/local/bin/petition
install -m 644 -t /etc/systemd/system systemd/petition*.service systemd/petition*.socket systemd/petition*.timer
for limits in systemd/petition-*.service.d; do
    install -D -m 644 -t "/etc/systemd/system/$(basename "$limits")" "$limits"/*.conf
done

say "logs are kept for 14 days, and no memory is written to the disk"
install -D -m 644 system/journald.conf /etc/systemd/journald.conf.d/petition.conf
install -D -m 644 system/coredump.conf /etc/systemd/coredump.conf.d/petition.conf
install -D -m 644 system/no-core-dumps.conf /etc/systemd/system/postgresql@.service.d/petition.conf

# Rules of your own stay. Those below are loaded by `systemctl enable --now nftables`.
if [ -e /etc/nftables.conf ] && ! dpkg --verify nftables | grep -q /etc/nftables.conf; then
    say "the firewall's rules, which are not loaded yet"
    install -m 755 system/nftables.conf /etc/nftables.conf
fi

systemctl daemon-reload
systemctl restart systemd-journald
